/** @file LZF decompression, the fast filter of h5py (Marc Lehmann's LibLZF format). */

/** @throws Error when the input is no LZF stream of `length` decompressed bytes */
export function decompressLzf(input: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length);
  let from = 0;
  let to = 0;
  while (from < input.length) {
    const control = input[from++];
    if (control < 32) {
      const literals = control + 1;
      if (from + literals > input.length || to + literals > length) throw damaged();
      out.set(input.subarray(from, from + literals), to);
      from += literals;
      to += literals;
      continue;
    }
    let copied = control >> 5;
    if (copied === 7) copied += input[from++];
    let source = to - ((control & 0x1f) << 8) - input[from++] - 1;
    copied += 2;
    if (!(source >= 0 && to + copied <= length)) throw damaged();
    for (let i = 0; i < copied; i++) out[to++] = out[source++]; // may overlap: repeats what it just wrote
  }
  if (to !== length) throw damaged();
  return out;
}

function damaged(): Error {
  return new Error('the LZF stream is damaged');
}
