"""The style of every page: light or dark as the reader's system is, one column on a telephone, three on a desk.

`a`, `b` and `c` are the colours of what is drawn; `b` is also dashed or hatched where colour alone would tell it apart.
"""

STYLE = """
:root { color-scheme: light dark; --page: #f4f6f9; --card: #ffffff; --ink: #18202c; --soft: #545f70; --rule: #dce1e8;
  --track: #eaeef3; --a: #2765b0; --b: #c2620b; --c: #75839a; --on: #ffffff; --warn: #fff6df; --warn-rule: #d9a520 }
@media (prefers-color-scheme: dark) { :root { --page: #10141a; --card: #1a2029; --ink: #e7ebf1; --soft: #a6b1c0;
  --rule: #323c49; --track: #28313c; --a: #6cabf3; --b: #f2a254; --c: #8b98ab; --on: #10141a; --warn: #2f2813;
  --warn-rule: #a98424 } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.5;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; font-size: 16px }
main { max-width: 1160px; margin: 0 auto; padding: 24px 18px 56px }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere }
h2 { font-size: 1.2rem; margin: 38px 0 10px }
h3 { font-size: 1rem; line-height: 1.3; margin: 0 0 2px }
p { margin: 0 0 10px; max-width: 75ch }
.soft { color: var(--soft); font-size: .9rem; overflow-wrap: anywhere }
.lead { font-size: 1.1rem; margin-top: 14px }
.cards { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)) }
.cards > * { min-width: 0 }
.card, .note { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; padding: 16px 18px }
.note { background: var(--warn); border-color: var(--warn-rule) }
.note ul { margin: 6px 0 0; padding-left: 1.2em } .note li { margin: 5px 0; max-width: 85ch; overflow-wrap: anywhere }
.keys { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 6px 0 4px; padding: 0; list-style: none; font-size: .9rem }
.keys i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; vertical-align: -1px }
svg { display: block; width: 100%; max-width: 460px; height: auto; margin-top: 10px; font-family: inherit }
svg rect { shape-rendering: crispEdges }
svg text { font-size: 13px; fill: var(--soft); stroke: var(--card); stroke-width: 4px; stroke-linejoin: round;
  paint-order: stroke }
svg text.name { fill: var(--ink) } svg text.told { fill: var(--ink); font-weight: 600 }
svg text.on { fill: var(--on); stroke: none; font-size: 15px; font-weight: 600 }
.grid { stroke: var(--rule); stroke-width: 1 } .track { fill: var(--track) } .mark { fill: var(--ink) }
.guide { stroke: var(--soft); stroke-width: 1.2; stroke-dasharray: 3 4 }
.a { fill: var(--a); background: var(--a) } .b { fill: var(--b); background: var(--b) }
.c { fill: var(--c); background: var(--c) } .half { opacity: .55 } .thin { opacity: .8 }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round }
.line.a { stroke: var(--a) } .line.b { stroke: var(--b); stroke-dasharray: 7 4 } .line.c { stroke: var(--c) }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .93rem }
th, td { text-align: left; padding: 6px 12px; border-bottom: 1px solid var(--rule); vertical-align: top }
thead th { color: var(--soft); font-weight: 600; font-size: .85rem } tbody th { font-weight: 400 }
tr:last-child > * { border-bottom: 0 }
.n { text-align: right; font-variant-numeric: tabular-nums } td.n { white-space: nowrap }
code { font-size: .9em; overflow-wrap: anywhere }
details { margin-top: 10px } summary { cursor: pointer; padding: 4px 0 }
@media (max-width: 700px) { table.many, table.many tbody, table.many tr, table.many td, table.many th { display: block }
  table.many thead { display: none } table.many tr { padding: 8px 0; border-bottom: 1px solid var(--rule) }
  table.many tr:last-child { border-bottom: 0 } table.many th, table.many td { border: 0; padding: 2px 0 }
  table.many tbody th { font-weight: 600 } table.many td { display: flex; justify-content: space-between; gap: 14px;
  text-align: right; white-space: normal } table.many td::before { content: attr(data-name); color: var(--soft); text-align: left }
  table.many td:empty { display: none } }
@media (max-width: 560px) { main { padding: 16px 10px 40px } .card, .note { padding: 14px 13px }
  th, td { padding: 6px 5px } table { font-size: .87rem } h1 { font-size: 1.4rem } }
@media print { :root { color-scheme: light; --page: #ffffff; --card: #ffffff; --ink: #18202c; --soft: #545f70;
  --rule: #dce1e8; --track: #eaeef3; --a: #2765b0; --b: #c2620b; --c: #75839a; --on: #ffffff; --warn: #ffffff }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact } .card, .note, tr { break-inside: avoid }
  h2, h3 { break-after: avoid } }
"""
