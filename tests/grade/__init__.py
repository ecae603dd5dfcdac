"""Tests of lab grade."""
