"""Experiments as one page that needs nothing else: a table of claims, then every picture."""

from collections.abc import Sequence

from markupsafe import Markup

from netsitter.lab.chart import MOST_LINES, Chart
from netsitter.lab.result import Outcome
from netsitter.views.report.text import duration, number

# Okabe & Ito (2008): told apart by colour-blind eyes; the light ones are darkened for white paper.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#a0528a", "#56b4e9", "#b58900", "#555555", "#c0a000")
STYLE = """
:root { color-scheme: light dark; --paper: #fbfaf8; --card: #fff; --ink: #1d2330; --soft: #5b6472;
  --faint: #dedbd3; --good: #16693e; --poor: #a82d26; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171d; --card: #1b1f27; --ink: #e6e8ec;
  --soft: #a2abb8; --faint: #333a46; --good: #58c48b; --poor: #f28b82; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 78rem; margin: 0 auto; padding: 2rem 1.2rem 4rem; }
h1 { font-size: 1.8rem; margin: 0 0 .4rem; } h2 { font-size: 1.25rem; margin: 0 0 .3rem; }
section { background: var(--card); border: 1px solid var(--faint); border-radius: 12px;
  padding: 1.2rem 1.5rem; margin: 1.2rem 0; break-inside: avoid; }
.scroll { overflow-x: auto; } p { max-width: 46rem; }
table { border-collapse: collapse; font-size: .92rem; width: 100%; }
th, td { text-align: left; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--faint);
  vertical-align: top; }
td.n { font-variant-numeric: tabular-nums; white-space: nowrap; }
.claim { font-weight: 600; } .soft, figcaption { color: var(--soft); font-size: .92rem; }
.held { color: var(--good); font-weight: 600; } .not { color: var(--poor); font-weight: 600; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr));
  gap: 1.2rem; }
figure { margin: .8rem 0; max-width: 46rem; } .plot { width: 100%; height: auto; display: block; }
.plot text { font-size: 12px; fill: var(--soft); }
.plot .grid { stroke: var(--faint); } .plot .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
ul.key { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; list-style: none; padding: 0; margin: 0;
  font-size: .88rem; color: var(--soft); }
.key i { display: inline-block; width: 1.2rem; height: .25rem; margin-right: .4rem; vertical-align: middle; }
a { color: inherit; }
""" + "\n".join(
    f".plot .line.s{i} {{ stroke: {colour}; }} .plot .dot.s{i} {{ fill: {colour}; }} "
    f".key .s{i} {{ background: {colour}; }}"
    for i, colour in enumerate(PALETTE)
)
PAGE = Markup(
    "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
    "<meta name='viewport' content='width=device-width, initial-scale=1'>"
    "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    "<title>{}</title><style>{}</style></head><body><main><h1>{}</h1>{}</main></body></html>\n"
)


def render_page(outcomes: Sequence[Outcome], *, title: str) -> str:
    """The page; a table of all claims comes first where there are several experiments."""
    parts = [_claims(outcomes)] if len(outcomes) > 1 else []
    parts += [_section(outcome) for outcome in outcomes]
    return str(PAGE.format(title, Markup(STYLE), title, Markup("").join(parts)))


def _claims(outcomes: Sequence[Outcome]) -> Markup:
    held = sum(outcome.held for outcome in outcomes)
    rows = Markup("").join(
        Markup(
            "<tr><th scope='row'><a href='#{0}'>{0}</a></th><td>{1}</td><td>{2}</td>"
            "<td class='n'>{3}</td></tr>"
        ).format(o.name, o.claim, _verdict(o.held), duration(o.seconds))
        for o in outcomes
    )
    return Markup(
        "<section><p>{} of {} claims held on this machine. A claim that did not is reported so.</p>"
        "<div class='scroll' tabindex='0' role='region' aria-label='All claims'><table><thead><tr>"
        "<th scope='col'>experiment</th><th scope='col'>claim</th><th scope='col'>verdict</th>"
        "<th scope='col'>time</th></tr></thead><tbody>{}</tbody></table></div></section>"
    ).format(held, len(outcomes), rows)


def _verdict(held: bool) -> Markup:
    return Markup("<span class='held'>held</span>" if held else "<span class='not'>did not hold</span>")


def _section(outcome: Outcome) -> Markup:
    result = outcome.result
    checks = Markup("").join(
        Markup("<tr><td>{}</td><td>{}</td><td>{}</td></tr>").format(c.text, _verdict(c.held), c.measured)
        for c in outcome.checks
    )
    return Markup(
        "<section id='{}'><h2>{}</h2><p class='claim'>{}</p>{}"
        "<div class='scroll' tabindex='0' role='region' aria-label='Checks of {}'><table><thead><tr>"
        "<th scope='col'>what must be so</th><th scope='col'>verdict</th><th scope='col'>measured</th></tr>"
        "</thead><tbody>{}</tbody></table></div><div class='charts'>{}</div>{}"
        "<p class='soft'>Seeds {}; {}. Again: <code>netsitter lab {}</code></p></section>"
    ).format(
        outcome.name,
        outcome.title,
        outcome.claim,
        Markup("").join(Markup("<p class='soft'>{}</p>").format(p) for p in outcome.about.split("\n\n")),
        outcome.name,
        checks,
        Markup("").join(_figure(chart) for chart in result.charts),
        _numbers(outcome),
        ", ".join(map(str, result.seeds)),
        duration(outcome.seconds),
        outcome.name,
    )


def _figure(chart: Chart) -> Markup:
    key = Markup("").join(
        Markup("<li><i class='s{}'></i>{}</li>").format(i % MOST_LINES, name)
        for i, name in enumerate(chart.lines)
    )
    return Markup("<figure><figcaption>{}</figcaption>{}<ul class='key'>{}</ul></figure>").format(
        chart.title, chart.render(), key
    )


def _numbers(outcome: Outcome) -> Markup:
    result = outcome.result
    head = Markup("").join(Markup("<th scope='col'>{}</th>").format(c) for c in result.columns)
    rows = Markup("").join(
        Markup("<tr><th scope='row'>{}</th>{}<td>{}</td></tr>").format(
            arm,
            Markup("").join(Markup("<td class='n'>{}</td>").format(number(float(v))) for v in numbers),
            ", ".join(result.said.get(arm, ())) or "–",
        )
        for arm, numbers in result.rows.items()
    )
    return Markup(
        "<div class='scroll' tabindex='0' role='region' aria-label='Numbers of {}'><table><thead><tr>"
        "<th scope='col'></th>{}<th scope='col'>netsitter named</th></tr></thead><tbody>{}</tbody></table>"
        "</div>"
    ).format(outcome.name, head, rows)
