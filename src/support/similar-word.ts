/** @file The word that was probably meant, for messages about names that are not there. */

/** Typing errors forgiven: one in a short word, two in a long one. */
const forgiven = (word: string): number => (word.length < 6 ? 1 : 2);

/**
 * The word most like another, by letters that were added, left out, exchanged or swapped; case counts for nothing.
 *
 * @returns undefined where none is near
 */
export function similarWord(word: string, words: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = forgiven(word) + 1;
  for (const candidate of words) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const distance = typingErrors(wanted, candidate.toLowerCase());
    if (distance >= least) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

/** `Did you mean 'STAT1'`, or nothing. */
export function didYouMean(word: string, words: Iterable<string>): string | undefined {
  const found = similarWord(word, words);
  return found === undefined ? undefined : `Did you mean '${found}'?`;
}

/** Optimal string alignment distance. */
function typingErrors(a: string, b: string): number {
  let [before, last] = [new Array<number>(0), Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(changed, last[j] + 1, row[j - 1] + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}
