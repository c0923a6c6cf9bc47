/** @file The HDF5 library in Node, where paths are the host's own. Loaded when first needed. */

import { Hdf5Library } from './library.ts';

let loading: Promise<Hdf5Library> | undefined;

/** The library, one for the process. */
export function nodeHdf5(): Promise<Hdf5Library> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Hdf5Library> {
  const { ready } = await import('h5wasm/node');
  return new Hdf5Library(await ready);
}
