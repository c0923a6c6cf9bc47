/** @file A screen in terms of a model: tokens for all its genes, features of what is perturbed, everything ready to train. */

import { initialParameters } from '../../model/initial-parameters.ts';
import type { Perturbation } from '../../model/perturbed-cells.ts';
import type { Device } from '../../runtime/device.ts';
import type { GeneSet } from '../../single-cell/genes/gene-sets.ts';
import type { Logger } from '../../support/log.ts';
import type { Tensor } from '../../support/tensor.ts';
import { plural } from '../../support/words.ts';
import { type CompactVocabulary, compactVocabulary, reduceModel } from '../../train/compact-vocabulary.ts';
import { withAddedGenes } from '../../train/perturbation/added-genes.ts';
import { perturbationConfig, perturbationStart } from '../../train/perturbation/start.ts';
import type { TrainedModel } from '../fine-tuning/grown-model.ts';
import { startingProfiles } from './controls.ts';
import type { PerturbationTraining } from './fine-tuning.ts';
import { someNames } from './report-sections.ts';
import type { ScreenData } from './screen-data.ts';
import type { PerturbSettings } from './settings.ts';
import { perturbationOf, type SortedNames, sortNames, type Terms, treatmentCondition } from './terms.ts';
import { embeddingFeatures, geneSetFeatures, joinedFeatures, type TokenFeatures } from './token-features.ts';

/** A screen ready to be learnt. */
export interface OpenScreen {
  readonly training: PerturbationTraining;
  /** What each condition of the screen is to the reduced model. */
  readonly perturbations: readonly Perturbation[];
  /** In terms of the whole vocabulary. */
  readonly terms: Terms;
  readonly sorted: SortedNames;
  /** The model that training starts from, with all tokens. */
  readonly model: TrainedModel;
  readonly compact: CompactVocabulary;
}

/** Makes a screen ready. */
export async function openScreen(
  data: ScreenData,
  pretrained: TrainedModel,
  options: {
    readonly device: Device;
    readonly settings: PerturbSettings;
    /** The most looks that a part is trained for. */
    readonly epochs: number;
    readonly geneSets: readonly GeneSet[];
    readonly logger: Logger;
  },
  names: readonly string[],
): Promise<OpenScreen> {
  const { settings, geneSets, logger, device } = options;
  const { seed } = settings;
  const { model, tokens } = withAllGenes(data, pretrained, settings, logger);
  const { vocabulary } = model;
  const sorted = await sortNames(names, { genes: data.genes, tokens, vocabulary });
  tellTreatments(sorted, logger);
  tellUnmeasured(sorted, tokens, logger);
  const embedding = embeddingFeatures(
    model.parameters.get('encoder.embedding.weight') as Tensor<'float32'>,
    seed,
  );
  const features = settings.features ? featuresOf(model, embedding, geneSets, sorted) : null;
  const treatments = treatmentsOf(data, sorted);
  const terms: Terms = {
    genes: data.genes,
    tokens,
    vocabulary,
    treatments,
    features,
    embeddingWidth: embedding.width,
  };

  const config = perturbationConfig(model.config, {
    conditions:
      treatments.length === 0 ? [] : [{ name: treatmentCondition, of: 'cells', values: [...treatments] }],
    features: features?.width ?? 0,
    dropout: settings.dropout,
  });
  const given = settings.fromScratch ? initialParameters(model.config, seed) : model.parameters;
  const start: TrainedModel = { config, vocabulary, parameters: perturbationStart(config, given, settings) };
  const compact = compactVocabulary(vocabulary, [...tokens, ...sorted.genes.values()]);
  const reduced = reduceModel(config, start.parameters, compact);
  const perturbations = data.screen.conditions.map(({ genes }) => {
    const whole = perturbationOf(genes, sorted, terms);
    return { ...whole, unmeasured: compact.translate(whole.unmeasured) };
  });
  const { batchSize, maxLength, perturbedAlways, pairing, averaged } = settings;
  return {
    training: {
      device,
      settings,
      epochs: options.epochs,
      stepsOfEpoch: settings.stepsOfEpoch ?? stepsOfPass(data, settings),
      config: reduced.config,
      start: reduced.parameters,
      starts: startingProfiles(data, data.profiles),
      making: {
        config: reduced.config,
        screen: data,
        profiles: data.profiles,
        tokens: compact.translate(tokens),
        pad: compact.vocabulary.pad,
        perturbations,
        batchSize,
        maxLength,
        perturbedAlways,
        pairing,
        averaged,
        seed,
      },
    },
    perturbations,
    terms,
    sorted,
    model: start,
    compact,
  };
}

/** Batches in which every perturbed cell comes once. */
function stepsOfPass({ strata }: ScreenData, { averaged, batchSize }: PerturbSettings): number {
  const cells = strata.flatMap(({ perturbed }) => [...perturbed.values()].map(({ length }) => length));
  const pairs = cells.reduce((sum, length) => sum + Math.max(1, Math.round(length / averaged)), 0);
  return Math.max(1, Math.ceil(pairs / batchSize));
}

/** Genes that the vocabulary lacks become tokens of their own. */
function withAllGenes(
  { tokenIds, genes }: ScreenData,
  { config, vocabulary, parameters }: TrainedModel,
  { seed }: PerturbSettings,
  logger: Logger,
): { readonly model: TrainedModel; readonly tokens: Int32Array } {
  const lacking = genes.filter((name, column) => tokenIds[column] < 0 && vocabulary.id(name) === undefined);
  if (lacking.length > 0) {
    logger.info(
      `${plural(lacking.length, 'gene')} that the model does not know become tokens of their own, learnt from this screen alone`,
    );
  }
  const model = withAddedGenes({ config, vocabulary, parameters }, lacking, seed);
  const tokens = tokenIds.map((token, column) =>
    token >= 0 ? token : (model.vocabulary.id(genes[column]) ?? -1),
  );
  return { model, tokens };
}

function featuresOf(
  { vocabulary }: TrainedModel,
  embedding: TokenFeatures,
  geneSets: readonly GeneSet[],
  sorted: SortedNames,
): TokenFeatures {
  if (geneSets.length === 0) return embedding;
  const tokenOf = (gene: string): number | undefined => sorted.genes.get(gene) ?? vocabulary.id(gene);
  const sets = geneSetFeatures(geneSets, tokenOf, vocabulary.size, [...sorted.genes.values()]);
  return joinedFeatures([embedding, sets], vocabulary.size);
}

function tellTreatments({ treatments }: SortedNames, logger: Logger): void {
  if (treatments.length === 0) return;
  logger.info(
    `${treatments.join(', ')}: no gene that is measured or known to the model, so learnt as ${plural(treatments.length, 'treatment')}; what a treatment does can be predicted in other contexts, never for another treatment`,
  );
}

function tellUnmeasured({ genes }: SortedNames, tokens: Int32Array, logger: Logger): void {
  const measured = new Set(tokens);
  const others = [...genes].flatMap(([name, token]) => (measured.has(token) ? [] : [name])).sort();
  if (others.length === 0) return;
  logger.info(
    `${plural(others.length, 'perturbed gene')} ${others.length === 1 ? 'is' : 'are'} not measured, so only the effect on other genes is learnt: ${someNames(others)}`,
  );
}

/** Treatments, and combinations of them, that cells were given. */
function treatmentsOf({ screen }: ScreenData, sorted: SortedNames): readonly string[] {
  const combined = screen.conditions.map(({ genes }) =>
    genes.filter((name) => !sorted.genes.has(name)).join('+'),
  );
  return [...new Set(combined)].filter((name) => name !== '').sort();
}
