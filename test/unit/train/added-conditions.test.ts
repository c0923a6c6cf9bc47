/** @file Conditions that a model gets later: its own stay, new ones begin without effect. */

import { describe, expect, it } from 'vitest';
import { modelConfig } from '../../../src/model/config.ts';
import { initialParameters } from '../../../src/model/initial-parameters.ts';
import { addConditions } from '../../../src/train/added-conditions.ts';

const batch = { name: 'batch', of: 'cells', values: ['a', 'b'] } as const;
const kind = { name: 'kind', of: 'genes', values: ['x'] } as const;
const config = modelConfig({
  vocabularySize: 9,
  embeddingSize: 8,
  heads: 2,
  layers: 1,
  conditions: [batch],
});
const parameters = initialParameters(config, 1);

describe('addConditions', () => {
  it('leaves a model as it is when it knows all of them', () => {
    const same = addConditions(config, parameters, [batch], 2);
    expect(same.config).toBe(config);
    expect(same.parameters).toBe(parameters);
  });

  it('adds a table whose norm scales by 0, in the order of the configuration', () => {
    const grown = addConditions(config, parameters, [batch, kind], 2);
    expect(grown.config).toEqual({ ...config, conditions: [batch, kind] });
    const drawn = initialParameters(grown.config, 2);
    expect([...grown.parameters.keys()]).toEqual([...drawn.keys()]);
    for (const [name, tensor] of parameters) expect(grown.parameters.get(name)).toBe(tensor);
    expect(grown.parameters.get('condition_encoder.kind.enc_norm.weight')?.data).toEqual(new Float32Array(8));
    for (const name of ['embedding.weight', 'enc_norm.bias'].map((end) => `condition_encoder.kind.${end}`)) {
      expect(grown.parameters.get(name)).toEqual(drawn.get(name));
    }
  });
});
