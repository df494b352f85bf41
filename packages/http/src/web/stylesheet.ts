/** How all pages look, in light and dark, down to the width of a telephone. Every pair of colours has a contrast of 4.5 and more. */
export const STYLESHEET = `:root {
  color-scheme: light dark;
  --page: #f4f6f9; --card: #fff; --line: #d3dae4; --field-line: #7b8798;
  --text: #1a2230; --quiet: #566174;
  --accent: #0b5cad; --accent-hover: #084884; --on-accent: #fff;
  --danger: #b3261e; --danger-soft: #fdeceb; --done: #14663b; --done-soft: #e6f5ec;
  --code: #eef2f7; --focus: #0b5cad;
  --shadow: 0 1px 2px rgb(16 24 40 / 6%), 0 8px 24px rgb(16 24 40 / 7%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f141b; --card: #19212c; --line: #303b4a; --field-line: #76849a;
    --text: #e8edf4; --quiet: #a7b3c4;
    --accent: #7ab8ff; --accent-hover: #a3ceff; --on-accent: #07213d;
    --danger: #ff9d95; --danger-soft: #3a1d1d; --done: #7fdca8; --done-soft: #14311f;
    --code: #10161e; --focus: #9ccbff;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%);
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; min-height: 100vh; background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
a { color: var(--accent); text-underline-offset: 0.2em; }
a:hover { color: var(--accent-hover); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 6px; }
.top { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; justify-content: space-between;
  padding: 0.9rem 1.25rem; border-bottom: 1px solid var(--line); background: var(--card); }
.brand { display: inline-flex; gap: 0.6rem; align-items: center; color: var(--text); font-weight: 650; text-decoration: none; }
main { width: 100%; margin: 0 auto; padding: 2.5rem 1rem 4rem; }
.narrow { max-width: 27rem; }
.wide { max-width: 54rem; }
h1 { margin: 0 0 0.6rem; font-size: 1.6rem; line-height: 1.25; letter-spacing: -0.01em; overflow-wrap: anywhere; }
.card > h1 { margin-bottom: 1rem; }
h2 { margin: 0 0 0.5rem; font-size: 1.15rem; line-height: 1.3; overflow-wrap: anywhere; }
p { margin: 0 0 0.9rem; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-size: 0.9rem; }
.card { margin: 0 0 1.5rem; padding: 1.75rem; background: var(--card); border: 1px solid var(--line); border-radius: 14px; box-shadow: var(--shadow); }
.card > :last-child { margin-bottom: 0; }
.wide > p.quiet { margin-bottom: 1.5rem; }
.field { margin: 0 0 1.1rem; }
label { display: block; margin: 0 0 0.35rem; font-weight: 600; font-size: 0.93rem; }
.field .quiet { margin: 0.45rem 0 0; }
input, select { width: 100%; min-height: 2.75rem; padding: 0.5rem 0.75rem; font: inherit; color: inherit;
  background: var(--card); border: 1px solid var(--field-line); border-radius: 8px; }
input::placeholder { color: var(--quiet); opacity: 1; }
input[aria-invalid="true"] { border-color: var(--danger); }
button, .button { display: inline-flex; align-items: center; justify-content: center; min-height: 2.75rem; padding: 0.5rem 1.1rem;
  font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer;
  color: var(--text); background: var(--card); border: 1px solid var(--field-line); border-radius: 8px; }
button:hover, .button:hover { color: var(--text); border-color: var(--text); }
.strong { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
.strong:hover { color: var(--on-accent); background: var(--accent-hover); border-color: var(--accent-hover); }
.danger { color: var(--danger); }
.danger:hover { color: var(--danger); border-color: var(--danger); background: var(--danger-soft); }
.narrow form > button, .providers .button { width: 100%; }
.providers { display: grid; gap: 0.75rem; margin: 0; padding: 0; list-style: none; }
.or { display: flex; gap: 0.9rem; align-items: center; margin: 1.4rem 0; color: var(--quiet); font-size: 0.9rem; }
.or::before, .or::after { flex: 1; border-top: 1px solid var(--line); content: ""; }
.row { display: flex; flex-wrap: wrap; gap: 0.6rem; margin: 0 0 1rem; }
.top .row { margin: 0; }
.top .row button { min-height: 2.4rem; padding: 0.3rem 0.9rem; font-size: 0.93rem; }
.rows { margin: 0 0 1.4rem; padding: 0; list-style: none; border-top: 1px solid var(--line); }
.rows li { display: flex; gap: 1rem; align-items: center; justify-content: space-between; padding: 0.9rem 0; border-bottom: 1px solid var(--line); }
.rows li > div { min-width: 0; overflow-wrap: anywhere; }
.rows:last-child li:last-child { padding-bottom: 0; border-bottom: 0; }
.rows:last-child { margin-bottom: 0; }
.rows p { margin: 0.15rem 0 0; }
.rows form { flex: none; }
.rows time { white-space: nowrap; }
.empty { padding: 1rem; color: var(--quiet); text-align: center; background: var(--page); border-radius: 8px; }
.inline { display: grid; grid-template-columns: 1fr 11rem auto; gap: 0.9rem; align-items: end; }
.inline .field { margin: 0; }
.tag { display: inline-block; padding: 0 0.55rem; font-size: 0.8rem; font-weight: 600; line-height: 1.6; color: var(--done); background: var(--done-soft); border-radius: 99px; }
.tag.warn { color: var(--danger); background: var(--danger-soft); }
.notice { margin: 0 0 1.25rem; padding: 0.85rem 1rem; border-radius: 8px; border-inline-start: 4px solid; }
.notice p { margin: 0; }
.notice p + p { margin-top: 0.35rem; }
.notice.problem { border-color: var(--danger); background: var(--danger-soft); }
.notice.done { border-color: var(--done); background: var(--done-soft); }
.made { border: 2px solid var(--done); }
code { font: 0.93em/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
input.copy { background: var(--code); font: 0.93rem/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "Liberation Mono", monospace; }
.hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 40rem) {
  main { padding: 1.25rem 0.85rem 3rem; }
  .card { padding: 1.25rem; }
  .top .row { width: 100%; }
  .top .row button { flex: 1 1 auto; }
  .inline { grid-template-columns: 1fr; }
  .inline button, .card > form > button { width: 100%; }
  .rows li { flex-direction: column; gap: 0.6rem; align-items: stretch; }
  .rows li button { width: 100%; }
}
@media (prefers-reduced-motion: no-preference) {
  button, .button { transition: background-color 120ms, border-color 120ms; }
}
`
