/** The looks that list, panel and menu share; pages change them by the custom properties at the top, and by `::part()`. */

export const BASE = `
:host {
  --_ground: var(--shoal-chat-ground, #10161c);
  --_raised: var(--shoal-chat-raised, #1a222b);
  --_line: var(--shoal-chat-line, #26313c);
  --_text: var(--shoal-chat-text, #e6ecf2);
  --_muted: var(--shoal-chat-muted, #93a2b2);
  --_accent: var(--shoal-chat-accent, #5cc8e6);
  --_warm: var(--shoal-chat-warm, #f2b26b);
  --_bad: var(--shoal-chat-bad, #ff8a93);
  --_radius: var(--shoal-chat-radius, 12px);
  color: var(--_text); font: 14px/1.45 var(--shoal-chat-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  color-scheme: dark;
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
button { all: unset; box-sizing: border-box; cursor: pointer; border-radius: 8px; -webkit-tap-highlight-color: transparent; }
button:disabled, button[aria-disabled=true] { cursor: default; opacity: .45; }
button.icon { display: inline-grid; place-items: center; width: 32px; height: 32px; color: var(--_muted); flex: none; }
button.icon:hover:not(:disabled) { background: rgb(255 255 255 / .07); color: var(--_text); }
button.text { padding: 6px 12px; border: 1px solid var(--_line); background: var(--_raised); text-align: center; white-space: nowrap; }
button.text:hover { border-color: #3a4855; }
button.main { border-color: transparent; background: var(--_accent); color: #06222b; font-weight: 600; }
button.main:hover { border-color: transparent; filter: brightness(1.08); }
svg { width: 20px; height: 20px; fill: currentColor; display: block; }
:focus-visible { outline: 2px solid var(--_accent); outline-offset: 1px; }
input:not([type=range], [type=checkbox], [type=radio]), select {
  appearance: none; width: 100%; min-width: 0; height: 36px; padding: 0 11px; border: 1px solid var(--_line); border-radius: 8px;
  background: #0b1015; color: var(--_text); font: inherit; }
select { padding-inline-end: 32px; background: #0b1015 url('data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="%2393a2b2"%3E%3Cpath d="M12 16.4 5.6 10 7 8.6l5 5 5-5 1.4 1.4z"/%3E%3C/svg%3E') right 8px center / 20px no-repeat; }
input::placeholder { color: #8090a0; opacity: 1; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation: none !important; transition: none !important; } }
`;

export const CHAT = `${BASE}
:host { display: flex; flex-direction: column; position: relative; min-height: 0; height: 100%; overflow: hidden;
  border: 1px solid var(--_line); border-radius: var(--_radius); background: var(--_ground); contain: content; }
:host([hidden]) { display: none; }
header { display: flex; align-items: center; gap: 8px; padding: 6px 8px 6px 14px; border-bottom: 1px solid var(--_line); flex: none; }
h2 { margin: 0; font-size: 14px; font-weight: 600; }
#online { flex: 1; color: var(--_muted); font-size: 13px; font-variant-numeric: tabular-nums; }
#body { position: relative; flex: 1; min-height: 0; }
#log { position: absolute; inset: 0; overflow-y: auto; overflow-x: hidden; overscroll-behavior: contain; overflow-anchor: none;
  scrollbar-width: thin; scrollbar-color: #3a4855 transparent; padding: 8px 0; }
#log:focus-visible { outline-offset: -2px; }
ol { display: flex; flex-direction: column; justify-content: flex-end; min-height: 100%; margin: 0; padding: 0; list-style: none; }
.row { position: relative; padding: 3px 40px 3px 14px; overflow: hidden; overflow-wrap: anywhere; }
.row:hover, .row:focus-visible { background: rgb(255 255 255 / .035); }
.row:focus-visible { outline-offset: -2px; }
.name { margin-right: 7px; font-weight: 600; font-size: 13px; }
.name svg { display: inline-block; width: 14px; height: 14px; margin: 0 3px -2px 0; color: var(--_accent); }
.row .icon { position: absolute; right: 6px; top: 0; width: 28px; height: 27px; opacity: 0; }
.row:hover .icon, .row:focus-within .icon, .row .icon[aria-expanded=true] { opacity: 1; }
@media (hover: none) { .row .icon { opacity: .6; } }
.row.past .words { color: #b9c4cf; }
.row.paid { margin: 3px 8px; padding: 6px 36px 6px 10px; border-radius: 8px; background: #2a2317; box-shadow: inset 3px 0 var(--_warm); }
.row.paid .name { color: var(--_warm); }
.row.mention { background: #16303a; box-shadow: inset 3px 0 var(--_accent); }
.row mark { border-radius: 4px; background: #245266; color: inherit; padding: 0 3px; }
.row.own .name { color: var(--_accent); }
.row[data-state=sending] .words { opacity: .6; }
.state { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 10px; color: var(--_muted); font-size: 12.5px; }
.row[data-state=refused] .words { color: var(--_muted); text-decoration: line-through; text-decoration-color: #5b6875; }
.row[data-state=refused] .state { color: var(--_bad); }
.state button { color: var(--_text); text-decoration: underline; text-underline-offset: 2px; border-radius: 3px; }
.mark, .gap { display: flex; align-items: center; gap: 10px; padding: 5px 14px; color: var(--_accent); font-size: 12px; font-weight: 600; }
.mark::before, .mark::after { content: ''; flex: 1; height: 1px; background: currentColor; opacity: .45; }
.gap { color: var(--_muted); font-weight: 400; }
#empty { position: absolute; inset: 0; display: grid; place-items: center; padding: 24px; color: var(--_muted); text-align: center; pointer-events: none; }
#newer { position: absolute; left: 50%; bottom: 10px; translate: -50%; display: flex; align-items: center; gap: 6px; padding: 5px 12px 5px 8px;
  border-radius: 99px; background: var(--_accent); color: #06222b; font-size: 13px; font-weight: 600; box-shadow: 0 4px 16px rgb(0 0 0 / .5); }
#newer svg { width: 18px; height: 18px; }
#status { padding: 7px 14px; border-top: 1px solid var(--_line); color: var(--_warm); font-size: 13px; flex: none; }
#panel { position: absolute; inset: 0; z-index: 2; background: var(--_ground); }
`;

export const COMPOSE = `
form { flex: none; margin: 0; padding: 10px; border-top: 1px solid var(--_line); }
#reply { display: flex; align-items: center; gap: 6px; margin: 0 0 8px; padding-inline-start: 10px; border-radius: 8px; background: var(--_raised);
  color: var(--_muted); font-size: 13px; box-shadow: inset 2px 0 var(--_accent); overflow: hidden; }
#reply span { flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.field { display: flex; align-items: center; gap: 2px; border: 1px solid var(--_line); border-radius: 10px; background: #0b1015; padding: 2px; }
.field:focus-within { border-color: var(--_accent); }
.field input { border: 0 !important; background: transparent !important; outline: none; flex: 1; }
.field[data-over=true] { border-color: var(--_bad); }
#send { color: var(--_accent); font-variant-numeric: tabular-nums; font-size: 13px; font-weight: 600; }
#send[data-wait] { color: var(--_muted); opacity: 1; width: auto; padding: 0 8px; }
#send span:empty { display: none; }
#look .dot { width: 15px; height: 15px; border-radius: 50%; box-shadow: inset 0 0 0 1px rgb(255 255 255 / .25); }
.below { display: flex; justify-content: space-between; gap: 10px; min-height: 18px; padding: 5px 4px 0; color: var(--_muted); font-size: 12px; }
#count { font-variant-numeric: tabular-nums; margin-inline-start: auto; white-space: nowrap; }
#count[data-over=true], #hint[data-bad=true] { color: var(--_bad); }
#looks { display: grid; gap: 8px; padding: 2px 2px 10px; }
fieldset { display: flex; align-items: center; gap: 6px; margin: 0; padding: 0; border: 0; min-width: 0; }
legend { float: left; width: 64px; padding: 0; color: var(--_muted); font-size: 13px; }
.swatch, .place { position: relative; display: grid; place-items: center; cursor: pointer; }
.swatch input, .place input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer; }
.swatch i { width: 20px; height: 20px; border-radius: 50%; box-shadow: inset 0 0 0 1px rgb(255 255 255 / .2); }
.swatch :checked + i { outline: 2px solid var(--_text); outline-offset: 2px; }
.swatch :focus-visible + i, .place :focus-visible + span { outline: 2px solid var(--_accent); outline-offset: 2px; }
.swatch { width: 27px; height: 28px; }
.place span { padding: 3px 11px; border-radius: 7px; color: var(--_muted); font-size: 13px; }
.place :checked + span { background: var(--_raised); color: var(--_text); }
#join .lead { margin: 0 0 8px; font-size: 13px; color: var(--_muted); }
#join div { display: flex; gap: 8px; }
`;

export const PANEL = `${BASE}
:host { display: flex; flex-direction: column; height: 100%; min-height: 0; background: var(--_ground); }
:host([hidden]) { display: none; }
header { display: flex; align-items: center; padding: 6px 8px 6px 14px; border-bottom: 1px solid var(--_line); flex: none; }
h2 { flex: 1; margin: 0; font-size: 14px; font-weight: 600; }
h3 { margin: 0 0 2px; color: var(--_muted); font-size: 12px; font-weight: 600; letter-spacing: .02em; }
#scroll { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; padding: 4px 14px 14px; scrollbar-width: thin; scrollbar-color: #3a4855 transparent; }
section { padding: 12px 0; border-bottom: 1px solid var(--_line); }
section:last-child { border: 0; }
label.switch, .slider { display: flex; align-items: center; gap: 12px; min-height: 34px; cursor: pointer; }
label.switch span { flex: 1; }
input[type=checkbox] { appearance: none; position: relative; width: 34px; height: 20px; margin: 0; border-radius: 99px; background: #33404c; cursor: pointer; transition: background .15s; flex: none; }
input[type=checkbox]::after { content: ''; position: absolute; inset: 3px auto auto 3px; width: 14px; height: 14px; border-radius: 50%; background: #c3cdd6; transition: translate .15s; }
input[type=checkbox]:checked { background: var(--_accent); }
input[type=checkbox]:checked::after { translate: 14px; background: #06222b; }
.slider { display: grid; grid-template-columns: 76px 1fr 52px; cursor: default; }
.slider output { color: var(--_muted); font-variant-numeric: tabular-nums; font-size: 13px; text-align: end; }
input[type=range] { width: 100%; height: 20px; margin: 0; accent-color: var(--_accent); cursor: pointer; }
.choice { display: grid; grid-template-columns: 76px 1fr; align-items: center; gap: 12px; padding: 4px 0; }
.add { display: flex; gap: 8px; margin-top: 8px; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; margin: 8px 0 0; padding: 0; list-style: none; }
.chips li { display: flex; align-items: center; max-width: 100%; border-radius: 8px; background: var(--_raised); font-size: 13px; padding-inline-start: 10px; }
.chips bdi { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chips .icon { width: 26px; height: 28px; }
.chips svg { width: 14px; height: 14px; }
.none { margin: 6px 0 0; color: var(--_muted); font-size: 13px; }
.group { margin-top: 14px; }
.foot { display: flex; flex-wrap: wrap; gap: 8px; }
#said { margin: 10px 0 0; color: var(--_muted); font-size: 13px; }
#said[data-bad=true] { color: var(--_bad); }
#counts { margin: 10px 0 0; color: var(--_muted); font-size: 13px; font-variant-numeric: tabular-nums; }
`;

export const MENU = `${BASE}
:host { position: absolute; z-index: 3; display: block; pointer-events: auto; width: max-content; max-width: min(300px, calc(100% - 16px)); }
#menu { padding: 5px; border: 1px solid var(--_line); border-radius: 11px; background: #151c23; box-shadow: 0 10px 32px rgb(0 0 0 / .55); }
.quote { display: block; max-width: 270px; padding: 6px 10px 7px; overflow: hidden; color: var(--_muted); font-size: 12.5px; text-overflow: ellipsis; white-space: nowrap;
  border-bottom: 1px solid var(--_line); margin-bottom: 4px; }
[role=menuitem] { display: block; width: 100%; padding: 7px 10px; border-radius: 7px; }
[role=menuitem]:hover, [role=menuitem]:focus-visible { background: rgb(255 255 255 / .08); outline: none; }
[role=menuitem].danger { color: var(--_bad); }
form { display: flex; gap: 8px; padding: 6px; }
p { margin: 0; padding: 8px 11px; }
`;
