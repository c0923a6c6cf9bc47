/** @file The groups and arrays of a Zarr store with their metadata, of format 2 and 3. */

import { InputError } from '../../support/errors.ts';
import { join } from '../encoding/store.ts';
import type { StoreFiles } from './files.ts';

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** A group or array. */
export interface ZarrNode {
  readonly kind: 'group' | 'array';
  readonly version: 2 | 3;
  readonly attributes: Json;
  /** As stored in `zarr.json` or `.zarray`; empty for a group of format 2. */
  readonly metadata: Json;
  /** Names of the groups and arrays within, sorted. */
  readonly children: readonly string[];
}

/**
 * Reads the metadata of every node by walking the folders; chunks are not looked at. Consolidated metadata are left
 * aside: what the folders hold is what there is.
 *
 * @throws InputError when there is no group at the root, or metadata cannot be parsed
 */
export async function readHierarchy(files: StoreFiles): Promise<Map<string, ZarrNode>> {
  const nodes = new Map<string, ZarrNode>();
  const root = await readNode(files, '', nodes);
  if (root === undefined) {
    throw new InputError({
      what: 'this is no Zarr store: there is neither .zgroup nor zarr.json',
      where: files.path,
      advice: 'A copy may have left out files that begin with a dot.',
      reason: 'not_zarr',
    });
  }
  if (root.kind === 'array') {
    throw new InputError({
      what: 'this is a Zarr array, not an AnnData',
      where: files.path,
      expected: 'a group with obs and var',
      reason: 'not_anndata',
    });
  }
  return nodes;
}

async function readNode(
  files: StoreFiles,
  path: string,
  nodes: Map<string, ZarrNode>,
): Promise<ZarrNode | undefined> {
  const found = await files.list(path);
  const own = await readMetadata(files, path, new Set(found.files));
  if (own === undefined) return undefined;
  const children: string[] = [];
  if (own.kind === 'group') {
    for (const name of [...found.folders].sort()) {
      if ((await readNode(files, join(path, name), nodes)) !== undefined) children.push(name);
    }
  }
  const node: ZarrNode = { ...own, children };
  nodes.set(path, node);
  return node;
}

async function readMetadata(
  files: StoreFiles,
  path: string,
  names: ReadonlySet<string>,
): Promise<Omit<ZarrNode, 'children'> | undefined> {
  const json = (name: string) => readJson(files, join(path, name));
  if (names.has('zarr.json')) {
    const metadata = await json('zarr.json');
    const kind = metadata.node_type === 'array' ? 'array' : 'group';
    return { kind, version: 3, attributes: (metadata.attributes ?? {}) as Json, metadata };
  }
  const isArray = names.has('.zarray');
  if (!isArray && !names.has('.zgroup')) return undefined;
  const attributes = names.has('.zattrs') ? await json('.zattrs') : {};
  return {
    kind: isArray ? 'array' : 'group',
    version: 2,
    attributes,
    metadata: isArray ? await json('.zarray') : {},
  };
}

async function readJson(files: StoreFiles, key: string): Promise<Json> {
  const bytes = await files.get(key);
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof parsed === 'object' && parsed !== null) return parsed as Json;
  } catch (cause) {
    throw new InputError({
      what: 'these metadata are no JSON',
      where: `${files.path}: ${key}`,
      reason: 'damaged',
      cause,
    });
  }
  throw new InputError({
    what: 'these metadata are no JSON object',
    where: `${files.path}: ${key}`,
    reason: 'damaged',
  });
}
