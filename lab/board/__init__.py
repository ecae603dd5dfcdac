"""The board: a page beside a running API that shows what happens in it, as it was measured."""
