/** The element's looks; pages change them by the custom properties at the top, and by `::part()`. */

export const STYLE = `
:host {
  --_accent: var(--shoal-accent, #ff5a5f);
  --_text: var(--shoal-text, #fff);
  --_back: var(--shoal-background, #000);
  --_shade: var(--shoal-shade, rgb(10 14 20 / .78));
  --_radius: var(--shoal-radius, 0px);
  --_size: var(--shoal-control-size, 40px);
  display: block; position: relative; aspect-ratio: 16 / 9; background: var(--_back); border-radius: var(--_radius);
  overflow: hidden; color: var(--_text); font: 14px/1.4 var(--shoal-font, system-ui, sans-serif); contain: content;
}
:host([hidden]), [hidden] { display: none !important; }
#box, #video, #poster, #over { position: absolute; inset: 0; }
#box:focus-visible { outline: 2px solid var(--_accent); outline-offset: -2px; }
#box:fullscreen { background: #000; }
#video { width: 100%; height: 100%; object-fit: var(--shoal-fit, contain); }
#poster { background: center / cover no-repeat; }
#over { display: grid; place-items: center; pointer-events: none; }
#over > * { grid-area: 1 / 1; }
button {
  all: unset; box-sizing: border-box; display: inline-flex; align-items: center; justify-content: center; gap: 6px;
  min-width: var(--_size); height: var(--_size); border-radius: 8px; cursor: pointer; color: inherit;
}
button:hover { background: rgb(255 255 255 / .14); }
button:focus-visible, input:focus-visible { outline: 2px solid var(--_accent); outline-offset: 1px; }
svg { width: 24px; height: 24px; fill: currentColor; flex: none; }
#spinner {
  width: 46px; height: 46px; border-radius: 50%; border: 4px solid rgb(255 255 255 / .25); border-top-color: var(--_text);
  animation: turn .9s linear infinite;
}
@keyframes turn { to { transform: rotate(1turn); } }
#big { pointer-events: auto; width: 76px; height: 76px; border-radius: 50%; background: var(--_shade); }
#big:hover { background: var(--_accent); }
#big svg { width: 40px; height: 40px; }
#notice { display: flex; flex-direction: column; align-items: center; gap: 4px; max-width: 80%; padding: 16px 24px; text-align: center;
  border-radius: 12px; background: var(--_shade); backdrop-filter: blur(6px); }
#notice strong { font-size: 17px; font-weight: 600; }
#notice span { opacity: .75; }
#unmute { position: absolute; top: 12px; left: 12px; padding: 0 14px 0 10px; background: var(--_shade); }
#bar { position: absolute; inset: auto 0 0; display: flex; align-items: center; gap: 2px; padding: 28px 8px 6px;
  background: linear-gradient(transparent, rgb(0 0 0 / .6) 50%); transition: opacity .2s, transform .2s; }
#gap { flex: 1; }
#volume { width: 76px; accent-color: var(--_accent); cursor: pointer; }
#live { padding: 0 10px; font-weight: 600; font-variant-numeric: tabular-nums; }
#live i { width: 9px; height: 9px; border-radius: 50%; background: #8b93a1; }
#live.edge i { background: var(--_accent); box-shadow: 0 0 0 3px color-mix(in srgb, var(--_accent) 30%, transparent); }
#quality { position: relative; }
#menu { position: absolute; right: 0; bottom: calc(100% + 6px); min-width: 132px; padding: 6px; border-radius: 10px;
  background: var(--_shade); backdrop-filter: blur(8px); }
#menu button { display: flex; width: 100%; justify-content: flex-start; padding: 0 12px; white-space: nowrap; }
#menu button::before { content: ''; width: 14px; }
#menu button[aria-checked=true]::before { content: '✓'; }
.idle { cursor: none; }
.idle #bar { opacity: 0; transform: translateY(6px); pointer-events: none; }
.idle:focus-within #bar:has(:focus-visible) { opacity: 1; transform: none; }
@media (prefers-reduced-motion: reduce) { #spinner { animation-duration: 3s; } #bar { transition: none; } }
@container (width < 360px) { #volume { display: none; } }
@media (hover: none) { #volume { display: none; } }
`;
