/** Registers `<shoal-chat>` and `<shoal-comment-settings>`: `@shoal/player/talk`. */

import { ShoalChat } from './chat.js';
import { ShoalCommentSettings } from './panel.js';

if (customElements.get('shoal-comment-settings') === undefined) customElements.define('shoal-comment-settings', ShoalCommentSettings);
if (customElements.get('shoal-chat') === undefined) customElements.define('shoal-chat', ShoalChat);

export { openChoices } from '../danmaku/choices.js';
export type { ShoalChat, ShoalChatEventMap } from './chat.js';
export { type LineMenuOptions, openLineMenu } from './over.js';
export type { ShoalCommentSettings } from './panel.js';
