/** @file A new Zarr store that AnnData's elements are written to. */

import * as zarr from 'zarrita';
import { OutputError } from '../../support/errors.ts';
import type { ElementSink, WrittenColumn } from '../encoding/sink.ts';
import { join } from '../encoding/store.ts';
import { encodeNumbers } from '../hdf5/numbers.ts';
import type { NumericArray, StoredDtype } from '../matrix.ts';
import { arrayMetadata, compressor, type WrittenType } from './array-metadata.ts';
import { encodeRecords, encodeText } from './encode.ts';
import type { StoreOutput } from './files.ts';
import { GrowingZarrArray } from './growing.ts';
import type { Json } from './hierarchy.ts';

/** Texts in one chunk. */
const chunkTexts = 1 << 16;

/** What is known of an element so far; groups have no metadata of their own. */
interface Node {
  metadata?: Json;
  readonly kind: 'group' | 'array';
  readonly attributes: Record<string, unknown>;
}

type Compress = (bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array;

/** Chunks are written as they come, metadata all at the end, when {@link finish} is called. */
export class ZarrSink implements ElementSink {
  private readonly output: StoreOutput;
  private readonly version: 2 | 3;
  private readonly compress: Compress;
  private readonly nodes = new Map<string, Node>([['', { kind: 'group', attributes: {} }]]);

  private constructor(output: StoreOutput, version: 2 | 3, compress: Compress) {
    this.output = output;
    this.version = version;
    this.compress = compress;
  }

  static async create(output: StoreOutput, version: 2 | 3): Promise<ZarrSink> {
    const entry = await zarr.registry.get(compressor.name)!();
    const codec = entry.fromConfig(compressor.configuration, {
      dataType: 'uint8',
      shape: [],
      codecs: [],
      fillValue: null,
    });
    return new ZarrSink(output, version, (bytes) => codec.encode(bytes));
  }

  group(path: string): void {
    this.add(path, 'group');
  }

  async numbers(
    path: string,
    dtype: StoredDtype,
    shape: readonly number[],
    values: NumericArray,
  ): Promise<void> {
    if (shape.length === 0) {
      await this.single(path, { kind: 'number', dtype }, [], encodeNumbers(values, dtype, path));
      return;
    }
    const array = this.growing(path, dtype, shape.slice(1));
    await array.append(values);
    await array.end(shape[0]);
  }

  growing(path: string, dtype: StoredDtype, rowShape: readonly number[]): GrowingZarrArray {
    const node = this.add(path, 'array');
    const rest = rowShape.map((extent) => Math.max(extent, 1));
    const chunks = {
      put: (place: number, bytes: Uint8Array) => this.put(path, [place, ...rowShape.map(() => 0)], bytes),
      complete: (rows: number, chunkRows: number) => {
        const type = { kind: 'number', dtype } as const;
        node.metadata = arrayMetadata(this.version, type, [rows, ...rowShape], [chunkRows, ...rest]);
      },
    };
    return new GrowingZarrArray(chunks, path, dtype, rowShape);
  }

  async text(path: string, shape: readonly number[], values: readonly string[]): Promise<void> {
    const [rows = 1, ...rest] = shape;
    const rowLength = rest.reduce((product, extent) => product * extent, 1);
    const chunkRows = Math.min(
      Math.max(rows, 1),
      Math.max(1, Math.floor(chunkTexts / Math.max(rowLength, 1))),
    );
    const node = this.add(path, 'array');
    const chunks = shape.length === 0 ? [] : [chunkRows, ...rest.map((extent) => Math.max(extent, 1))];
    node.metadata = arrayMetadata(this.version, { kind: 'text' }, shape, chunks);
    const step = chunkRows * rowLength;
    for (let place = 0; place * step < values.length; place++) {
      const texts = values.slice(place * step, (place + 1) * step);
      while (texts.length < step) texts.push('');
      await this.put(path, shape.length === 0 ? [] : [place, ...rest.map(() => 0)], encodeText(texts));
    }
  }

  async records(path: string, length: number, columns: ReadonlyMap<string, WrittenColumn>): Promise<void> {
    const { type, bytes } = encodeRecords(length, columns, path);
    await this.single(path, type, [length], bytes);
  }

  /** anndata stores None as false, marked by its encoding. */
  async empty(path: string): Promise<void> {
    await this.single(path, { kind: 'number', dtype: 'bool' }, [], new Uint8Array(1));
  }

  textAttribute(path: string, name: string, value: string | readonly string[]): void {
    this.nodes.get(path)!.attributes[name] = value;
  }

  booleanAttribute(path: string, name: string, value: boolean): void {
    this.nodes.get(path)!.attributes[name] = value;
  }

  integersAttribute(path: string, name: string, values: readonly number[]): void {
    this.nodes.get(path)!.attributes[name] = values;
  }

  /** Writes the metadata of all elements, and consolidated as anndata does; the root's come last. */
  async finish(): Promise<void> {
    const documents = [...this.nodes].reverse().flatMap(([path, node]) => this.documents(path, node));
    const named = Object.fromEntries([...documents].sort(byKey));
    if (this.version === 2) documents.push(['.zmetadata', { metadata: named, zarr_consolidated_format: 1 }]);
    else documents.push(['zarr.json', consolidated3(documents.pop()![1], named)]);
    for (const [key, json] of documents) {
      await this.output.put(key, new TextEncoder().encode(JSON.stringify(json, null, 2)));
    }
  }

  private documents(path: string, { kind, metadata, attributes }: Node): [key: string, json: Json][] {
    if (this.version === 3) {
      const own = metadata ?? { zarr_format: 3, node_type: kind };
      return [[join(path, 'zarr.json'), { ...own, attributes }]];
    }
    const own: [string, Json] =
      kind === 'group'
        ? [join(path, '.zgroup'), { zarr_format: 2 }]
        : [join(path, '.zarray'), metadata ?? {}];
    return [[join(path, '.zattrs'), attributes], own];
  }

  private add(path: string, kind: Node['kind']): Node {
    const cut = path.lastIndexOf('/');
    const [parent, name] = [path.slice(0, Math.max(cut, 0)), path.slice(cut + 1)];
    const reserved = /^(\.{0,2}|\.z(array|group|attrs|metadata)|zarr\.json)$|[\\\0]/.test(name);
    if (reserved || this.nodes.get(parent)?.kind !== 'group' || this.nodes.has(path)) {
      throw new OutputError({
        what: this.nodes.has(path)
          ? 'the name is used twice'
          : 'the name cannot be that of an element of a Zarr store',
        where: path,
        expected: 'names without slashes, used once, that are none of the store’s own files',
        reason: 'element_name',
      });
    }
    const node: Node = { kind, attributes: {} };
    this.nodes.set(path, node);
    return node;
  }

  /** An array of one chunk. */
  private async single(
    path: string,
    type: WrittenType,
    shape: readonly number[],
    bytes: Uint8Array,
  ): Promise<void> {
    const chunks = shape.map((extent) => Math.max(extent, 1));
    this.add(path, 'array').metadata = arrayMetadata(this.version, type, shape, chunks);
    if (bytes.length > 0)
      await this.put(
        path,
        shape.map(() => 0),
        bytes,
      );
  }

  private async put(path: string, place: readonly number[], bytes: Uint8Array): Promise<void> {
    const key = this.version === 2 ? place.join('.') || '0' : ['c', ...place].join('/');
    await this.output.put(join(path, key), await this.compress(bytes));
  }
}

function byKey([a]: [string, Json], [b]: [string, Json]): number {
  return a < b ? -1 : 1;
}

/** zarr-python's consolidated metadata for format 3: those of all other elements, by path, in the root's. */
function consolidated3(root: Json, named: Readonly<Record<string, Json>>): Json {
  const others = Object.entries(named).filter(([key]) => key !== 'zarr.json');
  const metadata = Object.fromEntries(
    others.map(([key, json]) => [key.slice(0, -'/zarr.json'.length), json]),
  );
  return { ...root, consolidated_metadata: { kind: 'inline', must_understand: false, metadata } };
}
