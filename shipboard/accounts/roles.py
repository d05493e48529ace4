"""What each role may do. Everyone who is signed in may look at the orders of their shops, with
personal data masked; a right is what goes beyond that.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    PACKER = "packer"
    VIEWER = "viewer"


class Right(StrEnum):
    #: Notes, flags, holds; shipping, and creating and printing labels, which hold addresses; one
    #: or many.
    WORK = "work"
    #: Full names, user names, phone numbers and addresses, and files that hold them.
    SEE_BUYERS = "see_buyers"
    #: Order files in.
    IMPORT = "import"
    #: A shop's clock rules and warehouses; what its line came upon, and the log of its calls.
    RULES = "rules"
    #: Shops in and out; people, invitations, roles; the audit.
    OWN = "own"


ROLE_LABELS: Mapping[Role, str] = {
    Role.OWNER: "Owner",
    Role.MANAGER: "Manager",
    Role.PACKER: "Packer",
    Role.VIEWER: "Viewer",
}
ROLE_TEXTS: Mapping[Role, str] = {
    Role.OWNER: "Everything, people and shops included.",
    Role.MANAGER: "All work on orders, files and a shop's rules; sees buyers' data.",
    Role.PACKER: "Notes, flags, holds, shipping and labels; sees names and addresses on printed "
    "labels only.",
    Role.VIEWER: "Looks only; buyers' data stays masked.",
}
RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MANAGER: frozenset({Right.WORK, Right.SEE_BUYERS, Right.IMPORT, Right.RULES}),
    Role.PACKER: frozenset({Right.WORK}),
    Role.VIEWER: frozenset(),
}
#: What is said to somebody who lacks a right.
REFUSALS: Mapping[Right, str] = {
    Right.WORK: "Your role only looks at orders; a packer or manager can change them.",
    Right.SEE_BUYERS: "Your role does not show buyers' names, phone numbers and addresses.",
    Right.IMPORT: "Your role brings no order files in; ask a manager.",
    Right.RULES: "Your role does not see to a shop's rules and line; ask a manager.",
    Right.OWN: "Only an owner of this desk can do that.",
}
