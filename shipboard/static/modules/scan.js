// What a barcode reader types, told from what a hand types, and made pairs: an order's code, then the
// tracking number of its parcel. Pure: nothing here meets the page.

const BURST = 35; // keys closer than this, in milliseconds, come from a machine
const SHORTEST = 6; // so many of them, then Enter or Tab, are a code

export const quiet = () => ({ text: "", at: -Infinity, isBurst: false, code: "" });

/** One key more, at `at` milliseconds. `isBurst`: it came too fast for a hand; `code`: what was read
 *  when this key ends it, else blank. */
export function feed(reader, key, at, isRepeat = false) {
  const isBurst = at - reader.at < BURST && !isRepeat;
  if (key.length === 1) return { text: isBurst ? reader.text + key : key, at, isBurst, code: "" };
  const ends = key === "Enter" || key === "Tab";
  const code = ends && isBurst && reader.text.length >= SHORTEST ? reader.text : "";
  return { text: ends ? "" : reader.text, at: reader.at, isBurst, code };
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
