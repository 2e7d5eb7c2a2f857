"""Addresses built on first use are those that Werkzeug builds."""

from unittest.mock import patch

from flask import Flask
from werkzeug.routing import Rule

from ashar.kernel import addresses

RULES = ("/", "/projects/<slug>", "/lead/projects/<slug>/words/<code>", "/page/<int:number>")
VALUES = {"slug": "a b/ü", "code": "ky", "number": 7, "lang": "кы"}


class Hosts(Rule):
    """A rule of a host's own."""


def _app(late: bool) -> Flask:
    app = Flask("host")
    app.url_rule_class = Hosts
    if late:
        with addresses.built_late(app):
            _add(app)
    else:
        _add(app)
    return app


def _add(app: Flask) -> None:
    for number, rule in enumerate(RULES):
        app.add_url_rule(rule, str(number), str)


def test_late_addresses_are_the_same() -> None:
    late, usual = (_app(late).url_map.bind("example.org", "/under") for late in (True, False))
    for number in range(len(RULES)):
        for unknown in (True, False):
            asked = (str(number), VALUES, "GET", True, unknown)
            assert late.build(*asked) == usual.build(*asked)
            # The second time from what the first compiled.
            assert late.build(*asked) == usual.build(*asked)


def test_nothing_is_compiled_before_it_is_asked_for_and_then_once() -> None:
    with patch.object(Rule, "_compile_builder", autospec=True, side_effect=_compile) as compiled:
        app = _app(late=True)
        of_ours = [call for call in compiled.call_args_list if call.args[0].endpoint != "static"]
        assert not of_ours
        adapter = app.url_map.bind("example.org")
        compiled.reset_mock()
        for _ in range(3):
            adapter.build("1", VALUES)
        assert compiled.call_count == 1


_compile = Rule._compile_builder


def test_the_host_keeps_its_own_class_of_rules() -> None:
    app = _app(late=True)
    assert app.url_rule_class is Hosts
    ours = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    assert all(isinstance(rule, Hosts) for rule in ours)
