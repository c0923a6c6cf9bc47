/**
 * @file The public API: everything a program may import from `scgpt`.
 *
 * 1. Tasks: what a user wants done
 * 2. Data: AnnData and its files
 * 3. Models: folders and checkpoints
 * 4. Errors and logging
 * 5. Analysis: plain methods and scores
 */

// 5. Analysis
export {
  type DifferentialExpression,
  differentialExpression,
} from './analysis/differential-expression.ts';
export { type Expression, type ExpressionOptions, prepareExpression } from './analysis/expression.ts';
export type { KnownEdge } from './analysis/gene-networks/edge-scores.ts';
export { parseKnownEdges } from './analysis/gene-networks/known-edges.ts';
export { type Grouping, groupingOf } from './analysis/groups.ts';
export { type HarmonyOptions, harmony } from './analysis/integration/harmony.ts';
export { type IntegrationMethod, integrationMethods } from './analysis/integration/methods.ts';
export { type Marker, type MarkerOptions, markerGenes } from './analysis/markers.ts';
export {
  type ClassificationScores,
  classificationScores,
} from './analysis/metrics/classification.ts';
export { type IntegrationScores, integrationScores } from './analysis/metrics/integration.ts';
export { isolatedLabelF1 } from './analysis/metrics/isolated-labels.ts';
export { type LabelFreeScore, labelFreeScore } from './analysis/metrics/label-free.ts';
export { type NearestGenes, nearestGenes } from './analysis/multimodal/nearest-genes.ts';
export { type MutualPairs, mutualNeighbours } from './analysis/mutual-neighbours.ts';
export { type Neighbours, nearestNeighbours } from './analysis/neighbours.ts';
export {
  type PredictionScores,
  predictionScores,
  type TrueProfile,
} from './analysis/perturbation/scores.ts';
export {
  type Condition,
  type KnownGenes,
  readScreen,
  type Screen,
  type ScreenOptions,
} from './analysis/perturbation/screen.ts';
export { type Points, pointsOf } from './analysis/points.ts';
export { sharedNeighbourGraph } from './analysis/shared-neighbours.ts';
// 3. Models
export type { LoadReport } from './model/checkpoint/load.ts';
export { describeLoadReport } from './model/checkpoint/report.ts';
export { type ModelConfig, modelConfig } from './model/config.ts';
export { createEmbedder, type Embedder, type EmbedderOptions } from './model/embedder.ts';
export { type LoadedModel, type ModelFolder, openModelFolder } from './model/folder.ts';
export { writeModelFolder } from './model/folder-on-disk.ts';
export { createGenerator, type ExpressionGenerator } from './model/generate.ts';
export { availableDevices, type Device, type DeviceName, openDevice } from './runtime/device.ts';

// 2. Data
export {
  AnnData,
  type AnnDataParts,
  type Annotation,
  type DenseArray,
  type Raw,
  type Unstructured,
} from './single-cell/anndata.ts';
export { type BinningMode, ValueBinner } from './single-cell/binning.ts';
export { type ConcatenateOptions, concatenate } from './single-cell/concatenate.ts';
export { type Column, categorical, columnStrings, DataFrame } from './single-cell/data-frame.ts';
export { diagnoseMatrix, type InputDiagnosis } from './single-cell/diagnosis/diagnose.ts';
export { describeGeneMatch } from './single-cell/genes/describe.ts';
export { type GenePlace, readGenePlaces } from './single-cell/genes/gene-places.ts';
export { type GeneSet, parseGeneSets } from './single-cell/genes/gene-sets.ts';
export { loadGeneTables, loadOrthologues, packageData } from './single-cell/genes/load.ts';
export {
  type GeneMapping,
  type GeneMatch,
  type MapGenesOptions,
  mapGenes,
} from './single-cell/genes/mapping.ts';
export { type GeneMatchReport, geneMatchReport } from './single-cell/genes/report.ts';
export { blocksOf, type Matrix, rowOf, type SparseRows } from './single-cell/matrix.ts';
export { openData } from './single-cell/open.ts';
export { subsetObs } from './single-cell/subset.ts';
export { Vocabulary } from './single-cell/vocabulary.ts';
// 4. Errors and logging
export {
  CancelledError,
  CheckpointError,
  DeviceError,
  GraphError,
  InputError,
  isScgptError,
  OutputError,
  ScgptError,
  TrainingError,
  UsageError,
} from './support/errors.ts';
export { type Logger, RecordingLogger, silent } from './support/log.ts';
export type { Progress, ProgressListener, RunControl } from './support/progress.ts';
export { version } from './support/version.ts';
// 1. Tasks
export {
  type AnnotateOptions,
  type AnnotationResult,
  annotate,
  annotateWith,
} from './tasks/annotate/annotate.ts';
export { type AnnotateFilesOptions, annotateFiles } from './tasks/annotate/files.ts';
export { type Converted, type ConvertOptions, type ConvertTarget, convertModel } from './tasks/convert.ts';
export { type EmbedOptions, type EmbedResult, type EmbedSettings, embed } from './tasks/embed/embed.ts';
export { type EmbedFilesOptions, type EmbedSummary, embedFiles } from './tasks/embed/files.ts';
export { type EmbedReportOptions, renderEmbedReport } from './tasks/embed/report.ts';
export { type EvaluateOptions, type Evaluation, evaluate } from './tasks/evaluate/evaluate.ts';
export {
  type EvaluateFileOptions,
  type EvaluateSummary,
  evaluateFile,
} from './tasks/evaluate/files.ts';
export {
  type GenerateCellsOptions,
  type GenerateCellsSummary,
  generateCellsFiles,
} from './tasks/generate/cells-files.ts';
export {
  type GenerateOptions,
  type GenerateSummary,
  generateFiles,
} from './tasks/generate/generate-files.ts';
export { type ImputeOptions, type ImputeSummary, imputeFiles } from './tasks/generate/impute-files.ts';
export {
  type GeneProgramsOptions,
  type GeneProgramsResult,
  geneProgramsOf,
} from './tasks/grn/gene-programs.ts';
export {
  type GeneProgramFilesOptions,
  type GeneProgramSummary,
  geneProgramFiles,
} from './tasks/grn/programs-files.ts';
export {
  type RegulatorTargetsOptions,
  type RegulatorTargetsResult,
  regulatorTargets,
} from './tasks/grn/targets.ts';
export {
  type RegulatorTargetFilesOptions,
  type RegulatorTargetSummary,
  regulatorTargetFiles,
} from './tasks/grn/targets-files.ts';
export { type InspectOptions, inspect } from './tasks/inspect/inspect.ts';
export type { Inspection } from './tasks/inspect/words.ts';
export {
  type IntegrateFilesOptions,
  type IntegrateSummary,
  integrateFiles,
} from './tasks/integrate/files.ts';
export { type IntegrateOptions, type IntegrateResult, integrate } from './tasks/integrate/integrate.ts';
export { type MapFilesOptions, type MapSummary, mapFiles } from './tasks/map/files.ts';
export { type MapResult, mapCells } from './tasks/map/map.ts';
export type { MapOptions } from './tasks/map/options.ts';
export { referenceToSave, type SavedReference, savedReference } from './tasks/map/saved-reference.ts';
export { type MergeOptions, mergeShards } from './tasks/merge.ts';
export { openModel } from './tasks/model.ts';
export {
  type MultiomeFilesOptions,
  type MultiomeSummary,
  multiomeFiles,
} from './tasks/multiome/files.ts';
export {
  type MultiomeOptions,
  type MultiomeResult,
  multiome,
  type TwoModalities,
} from './tasks/multiome/multiome.ts';
export { writeData } from './tasks/output.ts';
export {
  type PredictPerturbationOptions,
  type PredictPerturbationSummary,
  predictPerturbationFiles,
} from './tasks/perturb/predict-files.ts';
export {
  type ReversePerturbationOptions,
  type ReversePerturbationSummary,
  reversePerturbationFiles,
} from './tasks/perturb/reverse-files.ts';
export {
  type TrainPerturbationOptions,
  type TrainPerturbationSummary,
  trainPerturbationFiles,
} from './tasks/perturb/train-files.ts';
export { type CellSource, type PreparedCells, prepareCells } from './tasks/prepare.ts';
export { type Corpus, corpusOf, type NamedData } from './tasks/pretrain/corpus.ts';
export {
  type PretrainFilesOptions,
  type PretrainSummary,
  planPretraining,
  pretrainFiles,
} from './tasks/pretrain/files.ts';
export type { PretrainPlan } from './tasks/pretrain/plan.ts';
export { type PretrainControl, type Pretrained, pretrain } from './tasks/pretrain/pretrain.ts';
export { type PretrainSettings, pretrainDefaults } from './tasks/pretrain/settings.ts';
export { newModel, type StartingPoint } from './tasks/pretrain/starting-point.ts';
