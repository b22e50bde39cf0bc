/** The inside of `<shoal-chat>`. */

import { ICONS } from './icons.js';

const icon = (name: keyof typeof ICONS): string => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;

export const TEMPLATE = `
<header part="head">
  <h2>Chat</h2><span id="online"></span>
  <button type="button" class="icon" id="settings" aria-label="Comment settings" title="Comment settings" aria-expanded="false">${icon('settings')}</button>
</header>
<div id="body">
  <div id="log" part="log" role="log" aria-live="off" aria-label="Chat" tabindex="0"><ol></ol></div>
  <p id="empty"></p>
  <button type="button" id="newer" part="newer" hidden>${icon('down')}<span></span></button>
</div>
<div id="herald" class="sr" role="status" aria-live="polite"></div>
<div id="status" part="status" role="status" hidden></div>
<form id="compose" part="compose" autocomplete="off" aria-label="Say something" hidden>
  <div id="looks" hidden>
    <fieldset id="colors"><legend>Colour</legend></fieldset>
    <fieldset id="places"><legend>Place</legend></fieldset>
  </div>
  <div id="reply" hidden><span></span><button type="button" class="icon" id="unreply" aria-label="Reply to nobody" title="Reply to nobody">${icon('close')}</button></div>
  <div class="field">
    <button type="button" class="icon" id="look" aria-label="Colour and place" title="Colour and place" aria-expanded="false" aria-controls="looks"><i class="dot"></i></button>
    <input id="text" type="text" enterkeyhint="send" aria-label="Your line" aria-describedby="hint count" maxlength="2000">
    <button type="submit" class="icon" id="send" aria-label="Send">${icon('send')}<span></span></button>
  </div>
  <div class="below"><span id="hint" role="status"></span><span id="slow"></span><span id="count"></span></div>
</form>
<form id="join" part="join" aria-label="Come in" hidden>
  <p class="lead">Pick a name to join in. No sign-up.</p>
  <div><input id="name" type="text" maxlength="24" placeholder="Your name" aria-label="Your name" autocomplete="nickname" required><button type="submit" class="text main">Join</button></div>
</form>
<div id="panel" role="dialog" aria-label="Comment settings" hidden><shoal-comment-settings></shoal-comment-settings></div>`;
