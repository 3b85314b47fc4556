// Misspelled names: trigrams pick the 20 likeliest, the number of slips decides. The rule of intake/domain/screening/spelling.py,
// here because nothing that is typed leaves the page.

const LIKELIEST = 20;

export class NameIndex {
  constructor(names) {
    this.entries = names.flatMap((name, place) => [...new Set([key(name), key(name.split(/[\s-]/)[0])])].map((word) => ({ word, place })));
    this.holding = new Map();
    this.entries.forEach((entry, at) => {
      entry.trigrams = trigrams(entry.word);
      for (const part of entry.trigrams) {
        if (!this.holding.has(part)) this.holding.set(part, []);
        this.holding.get(part).push(at);
      }
    });
  }

  // The places of the names near what was typed, the nearest first.
  near(typed) {
    const wanted = key(typed);
    const best = new Map();
    for (const entry of this.likeliest(wanted)) {
      const slips = slipsBetween(wanted, entry.word, Math.min(cap(wanted.length), cap(entry.word.length)));
      if (slips !== null && !(best.get(entry.place) <= slips)) best.set(entry.place, slips);
    }
    return [...best].sort((a, b) => a[1] - b[1]).map(([place]) => place);
  }

  likeliest(wanted) {
    const parts = trigrams(wanted);
    const shared = new Map();
    for (const part of parts) for (const at of this.holding.get(part) ?? []) shared.set(at, (shared.get(at) ?? 0) + 1);
    const likeness = ([at, count]) => count / (parts.size + this.entries[at].trigrams.size);
    return [...shared].sort((a, b) => likeness(b) - likeness(a) || a[0] - b[0]).slice(0, LIKELIEST).map(([at]) => this.entries[at]);
  }
}

function key(text) {
  return text.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

function trigrams(word) {
  const padded = `  ${word} `;
  return new Set(Array.from({ length: padded.length - 2 }, (_, at) => padded.slice(at, at + 3)));
}

function cap(length) {
  if (length < 4) return 0;
  if (length < 6) return 1;
  return length < 9 ? 2 : 3;
}

// Letters left out, added, changed, or swapped with their neighbour; null above the most that are allowed.
function slipsBetween(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return null;
  let before = [];
  let previous = [];
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 1; at <= one.length; at += 1) {
    [before, previous, row] = [previous, row, [at]];
    for (let place = 1; place <= other.length; place += 1) {
      const changed = previous[place - 1] + (one[at - 1] === other[place - 1] ? 0 : 1);
      row[place] = Math.min(previous[place] + 1, row[place - 1] + 1, changed);
      const swapped = at > 1 && place > 1 && one[at - 1] === other[place - 2] && one[at - 2] === other[place - 1];
      if (swapped) row[place] = Math.min(row[place], before[place - 2] + 1);
    }
  }
  return row[other.length] <= most ? row[other.length] : null;
}
