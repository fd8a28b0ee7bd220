"""What a report's page has beside the style of every page."""

STYLE = """
.facts { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 8px 0 0; padding: 0; list-style: none; font-size: .88rem;
  color: var(--soft); overflow-wrap: anywhere }
.tiles { display: grid; gap: 10px; grid-template-columns: repeat(auto-fit, minmax(min(46%, 230px), 1fr)); margin: 20px 0 16px }
.tile { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; padding: 12px 16px; min-width: 0 }
.tile b { display: block; font-size: 1.6rem; line-height: 1.3; font-weight: 650; font-variant-numeric: tabular-nums }
.tile a { display: block; font-size: .93rem; color: var(--ink); text-decoration: none; overflow-wrap: anywhere }
.tile a:hover, nav a:hover { text-decoration: underline }
.tile span:not(.chip) { display: block; font-size: .83rem; color: var(--soft); overflow-wrap: anywhere }
nav { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 18px }
nav a { color: var(--ink); background: var(--card); border: 1px solid var(--rule); border-radius: 999px; padding: 3px 13px;
  font-size: .88rem; text-decoration: none }
.big { font-size: 1.5rem; font-weight: 650; line-height: 1.3; margin: 4px 0 0; font-variant-numeric: tabular-nums }
.big small { display: block; font-size: .86rem; line-height: 1.4; font-weight: 400; color: var(--soft) }
.card { display: flex; flex-direction: column } .none { margin: 4px 0 0 }
.card .definition { margin: auto 0 0; padding-top: 10px; border-top: 1px solid var(--rule); color: var(--soft);
  font-size: .86rem; overflow-wrap: anywhere }
.card > div { margin-bottom: 12px } .card > div.soft { margin-bottom: 0 }
@media (min-width: 1060px) { .card.two { grid-column: span 2; display: grid; grid-template-columns: 3fr 2fr; column-gap: 28px;
  align-content: start } .card.two h3 { grid-column: 1 / -1 } .card.two .definition { margin: 6px 0 0; border: 0; padding: 0 } }
.chip { display: inline-block; background: var(--warn); border: 1px solid var(--warn-rule); border-radius: 999px;
  padding: 0 10px; font-size: .8rem; margin: 4px 0 }
.card:has(> .empty) { align-self: start } .empty { color: var(--soft); border: 1px dashed var(--rule); border-radius: 8px; padding: 14px; margin: 10px 0 12px; font-size: .92rem }
details.figures { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; padding: 8px 16px }
details.figures small { display: block; color: var(--soft); font-size: .8rem } details.figures td { padding: 5px 9px }
details.figures td > div { flex: none; white-space: nowrap }
details.figures > summary { font-weight: 600 } details .soft { margin: 4px 0 8px }
@media (min-width: 701px) and (max-width: 1000px) { details.figures table { font-size: .72rem }
  details.figures th, details.figures td { padding: 4px; white-space: normal; overflow-wrap: anywhere } }
@media print { nav { display: none } details::details-content { content-visibility: visible; height: auto } }
"""
