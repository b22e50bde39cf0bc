/** Circumstances that the engine must know: the background (no dice), metered links and a low battery (no upload). */

import { Lifetime } from './lifetime.js';

/** The circumstances. */
export interface Conditions {
  /** The tab is hidden: timers may be throttled. */
  readonly background: boolean;
  /** A cellular link, saveData, or a low battery. */
  readonly spare: boolean;
}

/** Below this charge, and not charging, a battery is low. */
const BATTERY_LOW = 0.2;

/** The parts of browsers that TypeScript's library does not know, and that not all browsers have. */
interface Connection extends EventTarget {
  readonly saveData?: boolean;
  readonly type?: string;
}
interface Battery extends EventTarget {
  readonly charging: boolean;
  readonly level: number;
}
interface Navigator2 {
  readonly connection?: Connection;
  getBattery?(): Promise<Battery>;
}

/** Watches the circumstances until the lifetime ends; calls back at once and at every change. */
export function watchConditions(lifetime: Lifetime, onChange: (conditions: Conditions) => void): void {
  const { connection, getBattery } = navigator as Navigator2;
  let battery: Battery | undefined;
  let ended = false;
  const report = (): void => {
    const metered = connection?.saveData === true || connection?.type === 'cellular';
    const low = battery !== undefined && !battery.charging && battery.level < BATTERY_LOW;
    onChange({ background: document.hidden, spare: metered || low });
  };
  lifetime.onEnd(() => {
    ended = true;
  });
  lifetime.listen(document, 'visibilitychange', report);
  if (connection !== undefined) lifetime.listen(connection, 'change', report);
  getBattery?.call(navigator).then(
    (found) => {
      if (ended) return;
      battery = found;
      lifetime.listen(found, 'levelchange', report);
      lifetime.listen(found, 'chargingchange', report);
      report();
    },
    () => undefined, // A policy may forbid it; then no battery is low.
  );
  report();
}

/** Phones and tablets get half the links and half the memory. */
export function isMobile(): boolean {
  const hint = (navigator as { userAgentData?: { mobile?: boolean } }).userAgentData?.mobile;
  return hint ?? /Android|iPhone|iPad|Mobile/.test(navigator.userAgent);
}
