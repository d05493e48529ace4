// What a barcode reader types, told from what a hand types, and made pairs: an order's code, then the
// tracking number of its parcel. Pure: nothing here meets the page.

const BURST = 35; // keys closer than this, in milliseconds, come from a machine
const SHORTEST = 6; // so many of them, then Enter or Tab, are a code
const PAUSE = 300; // a code that begins so soon after other keys may be the rest of one

export const AGAIN = "Read it again: the reader stopped in the middle of the code.";
export const quiet = () => ({ text: "", at: -Infinity, isBurst: false, code: "", isRest: false, fast: 0, slow: 0, isMisread: false });

/** One key more, at `at` milliseconds. `isBurst`: it came too fast for a hand; `code`: what was read
 *  when this key ends it, else blank; `isMisread`: this key ends what a machine wrote with a pause
 *  within, of which nothing may be taken. `isRest`: `text` follows other keys after a pause; `fast`
 *  and `slow` count the keys since the last long one. */
export function feed(reader, key, at, isRepeat = false) {
  const isBurst = at - reader.at < BURST && !isRepeat;
  const isSoon = reader.text !== "" && at - reader.at < PAUSE;
  if (key.length === 1) return letter(isSoon ? reader : quiet(), key, at, isBurst);
  if (key !== "Enter" && key !== "Tab") return { ...reader, isBurst, code: "", isMisread: false };
  const isCode = reader.text.length >= SHORTEST;
  const code = isCode && isBurst && !reader.isRest ? reader.text : "";
  const isMachine = isCode || (reader.fast >= SHORTEST - 1 && reader.fast > reader.slow);
  return { ...quiet(), at: reader.at, isBurst, code, isMisread: isSoon && isMachine && !code };
}

function letter(reader, key, at, isBurst) {
  const text = isBurst ? reader.text + key : key;
  const isRest = isBurst ? reader.isRest : reader.text !== "";
  return { text, at, isBurst, code: "", isRest, fast: reader.fast + isBurst, slow: reader.slow + !isBurst, isMisread: false };
}

/** One code more. `half`: the order that waits for its number, or null; `order`: the order that the
 *  code names, or null. `says`: waits, again, other, unknown or filled. */
export function pair(half, order, code) {
  if (order === null) {
    return half === null ? { half, says: "unknown" } : { half: null, says: "filled", order: half, number: code };
  }
  if (half === null) return { half: order, says: "waits" };
  return { half, says: half === order ? "again" : "other" };
}
