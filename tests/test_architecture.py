"""The house's rules, read off the source: which way imports point, and who alone may do what."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: From left to right; a part imports from parts to its left. Those on one step do not know each
#: other.
STEPS = (
    ("kernel",),
    ("gateways", "ledger"),
    ("people",),
    ("projects",),
    ("pledges",),
    ("moderation",),
    ("progress", "impact"),
    ("reconciliation",),
    ("mail",),
    ("occasions",),
    ("checks",),
    ("lead",),
    ("pages",),
    ("admin", "treasury", "collect", "partner"),
    ("api",),
    # The addresses, and what they load with the first request.
    ("features",),
    ("routes",),
    # Every feature's blueprint is nested in it.
    ("web",),
    ("accounts",),
    # Gathers the tables, those of the stand-alone site's accounts too.
    ("models",),
    ("demo",),
    ("serve",),
    # The group that commands put themselves into.
    ("commands",),
    ("cli",),
    ("extension",),
    ("site",),
)
STEP = {part: number for number, parts in enumerate(STEPS) for part in parts}
FEATURES = (
    frozenset(
        ("ledger", "people", "projects", "pledges", "moderation", "progress", "impact", "mail")
    )
    | {"reconciliation", "lead", "pages", "admin", "treasury", "api", "accounts"}
    | {"collect", "partner"}
)

#: Within a feature, from left to right, a layer a line: those on one line may know each other.
LAYERS = """
    states position corridors fees final months calculators addresses regions themes words map folding phones
    content missing
    triggers settings schemas
    models
    issuer collectors partners
    takers
    lists
    sheets
    queries receipt_queries refund_queries campaign_queries search rates accounts access store seals topics recipients witnesses offered
    says
    listing offer_says monthly_says campaign_says
    held finding versions kinds conflicts pools
    services matching sponsoring applications recovery sessions standing inbox checkout totals closing letters factors writing sending needs groups changes donors givers refunds subscriptions dispositions moves fallbacks conversions brake
    settlement refund_files reviews holds comments auditing offers
    issuing
    receipts
    statements
    reports messages
    privacy locking attached duplicates
    tasks overdue receipt_tasks campaigns
    transfers monthly slips registers
    orders renewals hand_ins remittances
    steps
    lines translations
    address
    hand_show cash_show
    forms list_forms pool_forms offer_forms refund_forms monthly_forms late_forms campaign_forms rate_forms cash_forms
    receipts_form
    compared happened days offer_show monthly_show dispute_show refund_show evidence show list_show pool_show sponsors fates campaign_show exported
    receipt_pages receipt_show labels pages problems operations document guard
    answers
    changing
    views
    webhooks apply recovery_views project_views project feeds list_views account_views transfer_views payment_views
    pool_views offer_views committee_views receipt_views monthly_views refund_views dispute_views late_views
    campaign_views rate_views change_views me group by_hand cash_views remittance_views collector_views partner_views
    drafts helping life supporters
"""  # noqa: E501
LAYER = {name: number for number, names in enumerate(LAYERS.splitlines()) for name in names.split()}
#: What a feature keeps to itself.
PRIVATE = frozenset(
    {"tasks", "overdue", "campaigns", "forms", "pages", "views", "project_views", "webhooks"}
) | {
    "operations",
    "refund_forms",
    "refund_views",
    "steps",
    "lines",
    "translations",
    "drafts",
    "helping",
    "life",
    "offer_forms",
    "offer_views",
    "committee_views",
}

#: Imports inside functions, each with its reason.
LATE = {
    # The console script makes the site; `flask ashar` has the host's app already.
    ("ashar.cli", "ashar.site"),
    # Alembic, Mako and Pygments are a sixth of a host's start; upgrading and readyz need them.
    ("ashar.extension", "ashar.kernel.migrate"),
    # No table, and nothing that answers, is needed before the first request.
    ("ashar.routes", "ashar.features"),
    ("ashar.extension", "ashar.features"),
    ("ashar.occasions", "ashar.mail"),
    ("ashar.occasions", "ashar.projects.tasks"),
    ("ashar.occasions", "ashar.progress.messages"),
    ("ashar.people.access", "ashar.people.models"),
    ("ashar.web", "ashar.projects.lists"),
    ("ashar.kernel.remembered", "ashar.kernel.terms"),
    ("ashar.people.access", "ashar.kernel.kept"),
    ("ashar.accounts.views", "ashar.moderation.access"),
    # What many hosts never use: gateways, a mail server.
    ("ashar.extension", "ashar.gateways.base"),
    ("ashar.extension", "ashar.gateways.bank"),
    ("ashar.extension", "ashar.gateways.cash"),
    # Papers are asked for seldom, and what draws them is large.
    ("ashar.pledges.views", "ashar.gateways.codes"),
    ("ashar.pledges.offer_views", "ashar.pledges.days"),
    ("ashar.lead.offer_views", "ashar.pledges.days"),
    ("ashar.pledges.duplicates", "ashar.pledges.sheets.draw"),
    ("ashar.treasury.refund_views", "ashar.pledges.sheets.handed_back"),
    ("ashar.occasions", "ashar.pledges.receipt_tasks"),
    ("ashar.pledges.by_hand", "ashar.gateways.slip_book"),
    ("ashar.admin.collector_views", "ashar.gateways.slip_book"),
    ("ashar.kernel.mailers", "ashar.kernel.smtp"),
    # No site needs its commands to start.
    ("ashar.commands", "ashar.cli"),
    # The API's models cost a tenth of the start, and many hosts are never asked for one.
    ("ashar.api.views", "ashar.api.answers"),
}
#: Where modules are loaded by name: gateways and the sandbox, the site in a child process, what
#: hosts may ask for, what reads the format of a statement that has come.
BY_NAME = {"ashar", "ashar.extension", "ashar.serve", "ashar.gateways.statements.formats"}
#: Who rounds: amounts in one place; a rate is no amount.
ROUNDING = {"ashar.kernel.money", "ashar.ledger.rates", "ashar.demo.rates"}
#: Who keeps an app: the extension's state, and the queue that lies in it.
KEEPS_APP = {"ashar.extension", "ashar.kernel.jobs"}
#: Who commits: the one way to write, and migrations. Accounts stand on Flask-Security, which leaves
#: its own rows uncommitted until a request ends: what follows on them has to commit them first.
COMMITS = {"ashar.kernel.db", "ashar.kernel.migrate", "ashar.accounts", "ashar.accounts.letters"}


@dataclass(frozen=True)
class Import:
    """One name that a module imports: late inside a function, typing for the type checker only."""

    by: str
    name: str
    line: int
    late: bool
    typing: bool

    def __str__(self) -> str:
        return f"{self.by}:{self.line} imports {self.name}"


@cache
def sources(package: str = "ashar") -> dict[str, ast.Module]:
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text("utf-8"))
    return found


def packages() -> set[str]:
    return {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in (ROOT / "ashar").rglob("__init__.py")
    }


@cache
def imports(package: str = "ashar") -> list[Import]:
    return [found for name, tree in sources(package).items() for found in _imports(name, tree)]


def _imports(by: str, tree: ast.Module) -> Iterator[Import]:
    late = _beneath(tree, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    typing = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        for name in _names(by, node):
            yield Import(by, name, node.lineno, node in late, node in typing)  # type: ignore[attr-defined]


def _beneath(tree: ast.Module, kinds: tuple[type[ast.AST], ...]) -> set[ast.AST]:
    return {inner for node in ast.walk(tree) if isinstance(node, kinds) for inner in ast.walk(node)}


def _names(by: str, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _base(by, node)
        known = sources(base.split(".")[0]) if base.split(".")[0] in OURS else {}
        for alias in node.names:
            whole = f"{base}.{alias.name}"
            yield whole if whole in known else base


OURS = ("ashar", "stripe_sandbox")


def _base(by: str, node: ast.ImportFrom) -> str:
    """Return the module of a `from … import`, dots before it resolved."""
    if not node.level:
        return node.module or ""
    here = by.split(".") if by in packages() else by.split(".")[:-1]
    kept = here[: len(here) - (node.level - 1)] if by in packages() else here
    return ".".join([*kept, *filter(None, [node.module])])


def own() -> list[Import]:
    return [found for found in imports() if found.name.split(".")[0] == "ashar"]


def part(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def layer(module: str) -> str:
    return module.split(".")[2] if module.count(".") >= 2 else ""


def listed(found: Iterator[object]) -> str:
    return "\n".join(sorted({str(one) for one in found}))


def test_every_part_of_the_house_has_its_place() -> None:
    unknown = {part(name) for name in sources() if part(name)} - set(STEP)
    assert not unknown, f"say in STEPS where these stand: {sorted(unknown)}"


def test_every_file_of_a_feature_has_its_place() -> None:
    unknown = {
        name for name in sources() if part(name) in FEATURES and layer(name) not in {"", *LAYER}
    }
    assert not unknown, f"say in LAYERS where these stand: {sorted(unknown)}"


def test_imports_point_one_way() -> None:
    wrong = (
        found
        for found in own()
        if part(found.by) and part(found.name) and part(found.by) != part(found.name)
        if STEP[part(found.name)] >= STEP[part(found.by)]
        if (found.by, found.name) not in LATE
    )
    assert not (words := listed(wrong)), words


def test_nothing_inside_uses_the_names_promised_to_others() -> None:
    wrong = (found for found in own() if found.name == "ashar")
    assert not (words := listed(wrong)), words


def test_within_a_feature_imports_point_from_views_to_states() -> None:
    wrong = (
        found
        for found in own()
        if part(found.by) == part(found.name) and part(found.by) in FEATURES
        if layer(found.by) and layer(found.name)
        if LAYER[layer(found.name)] > LAYER[layer(found.by)]
    )
    assert not (words := listed(wrong)), words


def test_features_keep_views_forms_and_tasks_to_themselves() -> None:
    wrong = (
        found
        for found in own()
        if part(found.by) in FEATURES and part(found.by) != part(found.name)
        if part(found.name) in FEATURES and layer(found.name) in PRIVATE
    )
    assert not (words := listed(wrong)), words


def test_imports_make_no_circle() -> None:
    arrows: dict[str, set[str]] = {name: set() for name in sources()}
    for found in own():
        if not found.late and not found.typing and found.name != found.by:
            arrows[found.by].add(found.name)
    arrows["ashar"].clear()  # it gathers names and is imported by all
    left = dict(arrows)
    while free := [name for name, to in left.items() if not to & left.keys()]:
        for name in free:
            del left[name]
    assert not left, f"a circle among {sorted(left)}"


def test_imports_stand_at_the_top() -> None:
    wrong = (
        found
        for found in (*imports(), *imports("stripe_sandbox"))
        if found.late and (found.by, found.name) not in LATE
    )
    assert not (words := listed(wrong)), words


def test_every_exception_is_still_needed() -> None:
    late = {(found.by, found.name) for found in own() if found.late}
    assert late >= LATE
    for names, uses in (
        (BY_NAME, loads_by_name),
        (ROUNDING, rounds),
        (KEEPS_APP, keeps_app),
        (COMMITS, commits),
    ):
        idle = {name for name in names if not any(uses(node) for node in nodes(name))}
        assert not idle, f"{uses.__name__}: {sorted(idle)}"


def test_the_sandbox_and_ashar_do_not_know_each_other() -> None:
    assert not [found for found in imports("stripe_sandbox") if found.name.startswith("ashar")]
    assert not [found for found in imports() if found.name.startswith("stripe_sandbox")]


def test_no_text_for_the_catalogue_stands_inside_of_another() -> None:
    """What gathers the texts does not look into f-strings before Python 3.12."""
    assert not listed(
        f"{module}:{node.lineno}"
        for module in sources()
        for text in nodes(module)
        if isinstance(text, ast.JoinedStr)
        for node in ast.walk(text)
        if isinstance(node, ast.Call) and calls(node, "N_", "NN_")
    )


def test_one_file_imports_stripe() -> None:
    found = {one.by for one in imports() if one.name.split(".")[0] == "stripe"}
    assert found == {"ashar.gateways.stripe"}


def test_gateways_and_calculators_know_no_model_and_no_session() -> None:
    wrong = (
        found
        for found in own()
        if part(found.by) == "gateways" or found.by == "ashar.impact.calculators"
        if found.name == "ashar.kernel.db" or layer(found.name) in {"models", "services", "queries"}
    )
    assert not (words := listed(wrong)), words


def nodes(module: str) -> Iterator[ast.AST]:
    return ast.walk(sources()[module])


def users(uses: Callable[[ast.AST], bool]) -> dict[str, list[int]]:
    """Return the lines, per module, where something is done."""
    found: dict[str, list[int]] = {}
    for name, tree in sources().items():
        lines = [node.lineno for node in ast.walk(tree) if uses(node)]  # type: ignore[attr-defined]
        if lines:
            found[name] = lines
    return found


def calls(node: ast.AST, *names: str) -> bool:
    """Tell whether a node calls one of these, as a name or as an attribute."""
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in names


def loads_by_name(node: ast.AST) -> bool:
    return calls(node, "import_module", "__import__")


def rounds(node: ast.AST) -> bool:
    named = (isinstance(node, ast.Name) and node.id.startswith("ROUND_")) or (
        isinstance(node, ast.Attribute) and node.attr.startswith("ROUND_")
    )
    return named or calls(node, "quantize", "to_integral_value", "to_integral_exact")


def keeps_app(node: ast.AST) -> bool:
    """Tell whether an attribute is given an app to keep."""
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    kept = any(isinstance(target, ast.Attribute) for target in targets)
    return kept and ast.unparse(node.value) in {"app", "current_app._get_current_object()"}


def commits(node: ast.AST) -> bool:
    return calls(node, "commit") and isinstance(node.func, ast.Attribute)  # type: ignore[attr-defined]


def writes_the_book(node: ast.AST) -> bool:
    """Tell whether entries or lines of the book are made, changed or removed."""
    if calls(node, "Entry", "Line"):
        return True
    if not calls(node, "insert", "update", "delete", "bulk_insert_mappings"):
        return False
    return any(ast.unparse(one).split(".")[-1] in {"Entry", "Line"} for one in node.args)  # type: ignore[attr-defined]


def gateways() -> set[str]:
    return {name for name in sources() if part(name) == "gateways"}


def moves_a_state(node: ast.AST) -> bool:
    if not isinstance(node, ast.Assign):
        return False
    return any(isinstance(one, ast.Attribute) and one.attr == "state" for one in node.targets)


@pytest.mark.parametrize(
    ("uses", "allowed"),
    [
        (loads_by_name, BY_NAME),
        (rounds, ROUNDING),
        (keeps_app, KEEPS_APP),
        (commits, COMMITS),
        # A line of a bank's statement is none of the book's: gateways know no model, see above.
        (writes_the_book, {"ashar.ledger.services", *gateways()}),
        (moves_a_state, {"ashar.kernel.states"}),
    ],
)
def test_only_some_may(uses: Callable[[ast.AST], bool], allowed: set[str]) -> None:
    wrong = {name: lines for name, lines in users(uses).items() if name not in allowed}
    assert not wrong, f"{uses.__name__}: {wrong}"


def test_the_stand_alone_site_alone_makes_an_app() -> None:
    assert set(users(lambda node: calls(node, "Flask"))) == {"ashar.site"}
