/** Waiting for conditions: bounded, and a failure says what was waited for and what was seen last. */

/** How often a condition is looked at, in milliseconds. */
const LOOK_EVERY_MS = 100;

/**
 * Waits until `look` returns something truthy, and returns it.
 *
 * @template T
 * @param {string} what the condition, for the failure
 * @param {() => T | Promise<T>} look
 * @param {number} withinMs
 * @returns {Promise<T>}
 */
export async function until(what, look, withinMs) {
  const deadline = performance.now() + withinMs;
  let last;
  for (;;) {
    last = await look();
    if (last) return last;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs / 1_000} s: ${what} (last: ${show(last)})`);
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
  }
}

/**
 * Waits until `look` returns a value that `holds`; the value is part of the failure.
 *
 * @template T
 * @param {string} what
 * @param {() => T | Promise<T>} look
 * @param {(value: T) => boolean} holds
 * @param {number} withinMs
 * @returns {Promise<T>}
 */
export async function eventually(what, look, holds, withinMs) {
  let value;
  const seen = async () => {
    value = await look();
    return holds(value);
  };
  try {
    await until(what, seen, withinMs);
  } catch (cause) {
    throw new Error(`${cause.message}; seen: ${show(value)}`, { cause });
  }
  return value;
}

function show(value) {
  const text = JSON.stringify(value);
  return text === undefined ? 'nothing' : text.slice(0, 2_000);
}
