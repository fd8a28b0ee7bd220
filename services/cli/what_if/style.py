"""The style of the page: light or dark as the reader's system is, one column on a telephone, two on a desk."""

STYLE = """
:root { color-scheme: light dark; --page: #f6f7f9; --card: #ffffff; --ink: #1b2330; --soft: #5a6576; --rule: #dde2e9;
  --recorded: #2f6db3; --revised: #d2721a; --both: #6c7a8c; --on: #ffffff; --warn: #fff4d9; --warn-rule: #c58a00 }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1b2129; --ink: #e6eaf0; --soft: #a2adbc;
  --rule: #313a46; --recorded: #6aa9f0; --revised: #f0a050; --both: #8d9aab; --on: #10141a; --warn: #332a12;
  --warn-rule: #d9a520 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.5;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-size: 16px }
main { max-width: 1120px; margin: 0 auto; padding: 20px 16px 56px }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere }
h2 { font-size: 1.12rem; margin: 32px 0 10px }
h3 { font-size: 1rem; margin: 0 0 2px }
p { margin: 0 0 10px; max-width: 75ch }
.soft { color: var(--soft); font-size: .92rem }
.lead { font-size: 1.08rem; margin-top: 14px }
.cards { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)) }
.card, .note { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 14px 16px }
.note { background: var(--warn); border-color: var(--warn-rule) }
.note ul { margin: 6px 0 0; padding-left: 1.2em } .note li { margin: 5px 0; max-width: 85ch }
.keys { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0 10px; padding: 0; list-style: none; font-size: .92rem }
.keys i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; vertical-align: -1px }
svg { display: block; width: 100%; height: auto; margin-top: 8px }
svg text { font-size: 13px; fill: var(--soft) } svg text.on { fill: var(--on); font-size: 15px; font-weight: 600 }
.grid { stroke: var(--rule); stroke-width: 1 }
.recorded { fill: var(--recorded); background: var(--recorded) } .revised { fill: var(--revised); background: var(--revised) }
.both { fill: var(--both); background: var(--both) }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round }
.line.recorded { stroke: var(--recorded) } .line.revised { stroke: var(--revised); stroke-dasharray: 7 4 }
.wide { overflow-x: auto; padding: 4px 0 }
table { border-collapse: collapse; width: 100%; font-size: .95rem }
th, td { text-align: left; padding: 6px 12px; border-bottom: 1px solid var(--rule); vertical-align: top }
thead th { color: var(--soft); font-weight: 600; font-size: .86rem } tbody th { font-weight: 400 }
details td, details tbody th { white-space: nowrap }
tr:last-child > * { border-bottom: 0 }
.n { text-align: right; font-variant-numeric: tabular-nums } td.n { white-space: nowrap }
code { font-size: .9em; overflow-wrap: anywhere }
details { margin-top: 10px } summary { cursor: pointer; padding: 4px 0 }
@media (max-width: 560px) { th, td { padding: 6px 5px } table { font-size: .88rem } h1 { font-size: 1.35rem } }
@media print { body { background: none } .card, .note { break-inside: avoid } }
"""
