/** @file Types of the functions of scran.js that are used; the package has none. */

declare module 'scran.js' {
  /** An object on the WebAssembly heap, which nothing but `free` gives back. */
  interface HeapObject {
    free(): void;
  }

  export function initialize(options: { numberOfThreads: number; localFile: boolean }): Promise<boolean>;

  /** Ends the threads and forgets the module. */
  export function terminate(): void;

  export class FindNearestNeighborsResults implements HeapObject {
    static unserialize(
      runs: Int32Array,
      indices: Int32Array,
      distances: Float64Array,
    ): FindNearestNeighborsResults;
    free(): void;
  }

  export class UmapStatus implements HeapObject {
    currentEpoch(): number;
    totalEpochs(): number;
    /** Continues for `runTime` milliseconds, or to the end when that is null. */
    run(options: { runTime: number | null }): void;
    extractCoordinates(): { x: Float64Array; y: Float64Array };
    free(): void;
  }

  export function initializeUmap(
    neighbours: FindNearestNeighborsResults,
    options: { neighbors: number; epochs: number; minDist: number; numberOfThreads: number },
  ): UmapStatus;

  /** @returns coordinates as given: those of a cell side by side */
  export function mnnCorrect(
    coordinates: Float64Array,
    block: Int32Array,
    options: { numberOfDims: number; numberOfCells: number; approximate: boolean; numberOfThreads: number },
  ): Float64Array;
}
