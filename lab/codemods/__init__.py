"""Changes to a learner's own code. Each applies exactly once, or not at all.

An edit is declared in one line and is pure: it reads sources and returns the files that
change, as bytes. Whoever applies it writes them. Where it cannot understand the code it
raises EditNotApplicable, where the code has the change already AlreadyThere.
"""

from lab.codemods.add_column import AddColumn, AddNewColumn
from lab.codemods.close_early import CloseEarly
from lab.codemods.create_early import CreateEarly
from lab.codemods.drift_apart import DriftApart
from lab.codemods.edit import Edit, apply_all
from lab.codemods.flush_only import FlushOnly
from lab.codemods.hide_missing import HideMissing
from lab.codemods.patches import Patch
from lab.codemods.ping_connections import PingConnections
from lab.codemods.place_database import PlaceDatabase
from lab.codemods.project import Project
from lab.codemods.read_url import ReadUrl
from lab.codemods.replace import Replace
from lab.codemods.return_session import ReturnSession
from lab.codemods.set_pragma import SetPragma
from lab.codemods.share_session import ShareSession
from lab.codemods.sources import Sources, diff, read_sources
from lab.codemods.unguard_session import UnguardSession
from lab.model import AlreadyThere, EditNotApplicable
