/** @file Paths within an HDF5 file: from the root and without a leading slash, but for the library with one. */

export function absolute(path: string): string {
  return `/${path}`;
}
