/** @file The version of this package, as written into outputs and reports. */

/** Kept equal to package.json by a test, because a browser cannot read that file. */
export const version = '0.1.0';
