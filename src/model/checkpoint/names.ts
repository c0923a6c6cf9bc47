/** @file Parameter names: the three layouts of attention and the prefixes of wrappers, to the official names and back. */

/**
 * How a state dictionary names attention: `official` as in the published files, `release` as version 0.2.5 saves
 * its flash backend, `torch` as it saves its torch backend. Shapes and row order are the same in all three.
 */
export type NameLayout = 'official' | 'release' | 'torch';

/** Name endings under `self_attn.` per layout, in the same order. */
const attentionNames: Readonly<Record<NameLayout, readonly string[]>> = {
  official: ['Wqkv.weight', 'Wqkv.bias', 'out_proj.weight', 'out_proj.bias'],
  release: ['_impl.Wqkv.weight', '_impl.Wqkv.bias', '_impl.out_proj.weight', '_impl.out_proj.bias'],
  torch: ['in_proj_weight', 'in_proj_bias', 'out_proj.weight', 'out_proj.bias'],
};

const attention = /^(transformer_encoder\.layers\.\d+\.self_attn\.)(.+)$/;
const geneEmbedding = 'encoder.embedding.weight';

function renameAttention(name: string, rename: (ending: string) => string | undefined): string {
  const match = attention.exec(name);
  const ending = match === null ? undefined : rename(match[2]);
  return match === null || ending === undefined ? name : match[1] + ending;
}

function officialEnding(ending: string): string | undefined {
  for (const names of Object.values(attentionNames)) {
    const position = names.indexOf(ending);
    if (position >= 0) return attentionNames.official[position];
  }
  return undefined;
}

/**
 * What stands before every parameter of the model, such as `module.` of data-parallel training: the prefix of the
 * gene embedding, where exactly one name can be it.
 */
export function wrapperPrefix(names: Iterable<string>): string {
  const candidates: string[] = [];
  for (const name of names) {
    if (name === geneEmbedding) return '';
    if (name.endsWith(`.${geneEmbedding}`)) candidates.push(name.slice(0, -geneEmbedding.length));
  }
  return candidates.length === 1 ? candidates[0] : '';
}

/** The official name of a parameter; names that are not the model's stay as they are. */
export function officialName(name: string, prefix = ''): string {
  return renameAttention(name.startsWith(prefix) ? name.slice(prefix.length) : name, officialEnding);
}

/** An official name in another layout. */
export function nameInLayout(name: string, layout: NameLayout): string {
  return renameAttention(name, (ending) => {
    const position = attentionNames.official.indexOf(ending);
    return position < 0 ? undefined : attentionNames[layout][position];
  });
}
