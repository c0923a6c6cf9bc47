/** @file Tables of known edges in the forms that databases have, and what is wrong with others. */

import { describe, expect, it } from 'vitest';
import { parseKnownEdges } from '../../../../src/analysis/gene-networks/known-edges.ts';

const read = (text: string) => parseKnownEdges(text, 'edges.tsv');

describe('known edges', () => {
  it('are read from TRRUST as it is downloaded', () => {
    const text = [
      'AATF\tBAX\tRepression\t22909821',
      'AATF\tCDKN1A\tUnknown\t17157788',
      'ABL1\tBCL2\tActivation\t11753601;1',
      'AR\tKLK3\tActivation\t1',
      'AR\tKLK3\tRepression\t2',
    ].join('\n');
    expect(read(text)).toEqual([
      { regulator: 'AATF', target: 'BAX', sign: -1 },
      { regulator: 'AATF', target: 'CDKN1A', sign: undefined },
      { regulator: 'ABL1', target: 'BCL2', sign: 1 },
      { regulator: 'AR', target: 'KLK3', sign: undefined }, // both ways: nobody knows
    ]);
  });

  it.each([
    ['DoRothEA', 'tf,confidence,target,mor\r\nAHR,C,ASAP1,1\r\nSTAT1,A,"IRF1",-1\r\n'],
    ['CollecTRI', '"","source","target","weight"\n"1","AHR","ASAP1",0.5\n"2","STAT1","IRF1",-1\n'],
    [
      'OmniPath',
      'source\ttarget\tsource_genesymbol\ttarget_genesymbol\tsign\nP1\tP2\tAHR\tASAP1\t+\nP3\tP4\tSTAT1\tIRF1\t-\n',
    ],
    ['words', '# remark\nRegulator,Target gene,Mode\nAHR,ASAP1,activation\n\nSTAT1,IRF1,Inhibition\n'],
  ])('are read from a table with a header: %s', (_, text) => {
    expect(read(text)).toEqual([
      { regulator: 'AHR', target: 'ASAP1', sign: 1 },
      { regulator: 'STAT1', target: 'IRF1', sign: -1 },
    ]);
  });

  it('have no sign where numbers are weights or there is no such column', () => {
    const weighed = read('source,target,weight\nAHR,ASAP1,0.5\nSTAT1,IRF1,1\n');
    expect(weighed.map(({ sign }) => sign)).toEqual([undefined, undefined]);
    expect(read('\ufeffAHR\tASAP1\nSTAT1\tIRF1')).toEqual([
      { regulator: 'AHR', target: 'ASAP1', sign: undefined },
      { regulator: 'STAT1', target: 'IRF1', sign: undefined },
    ]);
  });

  it.each([
    ['', 'is empty'],
    ['tf,target\n', 'a header and no edge'],
    ['a,b,c\n1,2,3\n', 'not recognised: a, b, c'],
    ['tf\ttarget\nAHR\tASAP1\nSTAT1\t\n', 'a row has no target: STAT1'],
    ['tf\ttarget\n\tASAP1\n', 'a row has no regulator'],
  ])('are refused: %j', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('name the line that is wrong', () => {
    expect(() => read('tf\ttarget\nAHR\tASAP1\nSTAT1\t\n')).toThrow('line 3');
  });
});
