/** Composition root: configuration, ports, controllers. Nothing here decides anything. */
import { readFileSync } from 'node:fs';
import type { PredictorStatus } from '../crds/predictor.ts';
import { LEASE_NAME } from './access.ts';
import { readConfig } from './config.ts';
import { debugPage } from './controllers/debugPage.ts';
import { EVICTION_REASONS, partialGangs, queueFigures, recordPrediction, recordRun } from './controllers/figures.ts';
import { JobController, type JobsOptions } from './controllers/jobs.ts';
import { openLearning } from './controllers/learning/open.ts';
import { writePredictorStatus } from './controllers/learning/predictorStatus.ts';
import { Tuner } from './controllers/learning/tuning/tuner.ts';
import { Performer } from './controllers/perform.ts';
import { PlanLoop } from './controllers/planLoop.ts';
import { ensureDefaults, PlatformStatus } from './controllers/platform.ts';
import { FINDINGS, PodGroups } from './controllers/podGroups.ts';
import { PODS, SIMULATION_JOBS, TRAINING_JOBS } from './controllers/resources.ts';
import { openTokens } from './controllers/tokens.ts';
import { World } from './controllers/world.ts';
import { findCredentials } from './kube/credentials.ts';
import { EventRecorder } from './kube/events.ts';
import { Fresh } from './kube/fresh.ts';
import { connect } from './kube/httpClient.ts';
import { LeaderElector } from './kube/lease.ts';
import { systemClock } from './kube/ports.ts';
import { Player } from './play/player.ts';
import { JobMetrics } from './telemetry/jobMetrics.ts';
import { KubeMeter } from './telemetry/kubeMeter.ts';
import { createLog } from './telemetry/log.ts';
import { PredictionMetrics } from './telemetry/predictionMetrics.ts';
import { Registry } from './telemetry/registry.ts';
import { type RunningServer, serveDebug, serveHealth, serveMetrics } from './telemetry/server.ts';

const CONTROLLER = 'coxswain.dev/operator';

/**
 * Runs one replica until `stop` aborts or the lease is lost; answers the exit code. A leader that lost its lease must not
 * linger: whatever it still believes is another's business now.
 * @throws ConfigError when the environment cannot be used.
 */
export async function run(stop: AbortController): Promise<number> {
  const config = readConfig(process.env);
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const log = createLog({ level: config.logLevel, base: { holder: config.holder } });
  log.info('coxswain starts', { version, node: process.version });

  const registry = new Registry();
  const meter = new KubeMeter(registry);
  const metrics = new JobMetrics(registry, {
    build: { version, revision: process.env['COXSWAIN_REVISION'] ?? 'unknown', node: process.version },
    evictionReasons: EVICTION_REASONS,
    podGroupFindings: FINDINGS,
  });

  const clock = systemClock;
  const credentials = await findCredentials({ kubeconfig: config.kubeconfig });
  const root = connect({
    credentials,
    qps: config.qps,
    burst: config.burst,
    meter,
    log,
    userAgent: `coxswain/${version}`,
  });
  const elector = new LeaderElector({
    client: root,
    namespace: config.namespace,
    name: LEASE_NAME,
    identity: config.holder,
    ...config.lease,
    log,
    meter,
  });
  const client = root.with({ mayWrite: elector.held });
  const world = new World({ client: root, log, meter });
  const watching = world.run(stop.signal);

  /** Set while this replica leads. */
  let leader: { readonly planner: PlanLoop; readonly jobs: JobController } | undefined;
  const predictions = new PredictionMetrics(registry);
  const learning = await openLearning({
    config,
    world,
    clock,
    log,
    onPlanning: () => leader?.planner.forecastsChanged(),
    onRead: () => leader?.jobs.everythingChanged(),
    onRun: (run) => (leader ? recordPrediction(predictions, run) : undefined),
  });
  const { learner } = learning;
  const player = new Player();
  // A replica may be stopped before it has seen everything, and does not wait for what will not come.
  const learned = Promise.race([world.synced, aborted(stop.signal)]).then(() =>
    stop.signal.aborted ? undefined : learner.run(stop.signal),
  );
  const servers: RunningServer[] = [
    await serveHealth(config.health, { alive: () => !stop.signal.aborted, ready: () => world.isSynced }),
    await serveMetrics(config.metrics, registry, log),
  ];
  if (config.debug.on) {
    const pages = { '/debug/plan': () => debugPage(leader?.planner.latest) };
    const served = await serveDebug(config.debug, pages, log);
    log.info('debug pages are served', { host: served.host, port: served.port });
    servers.push(served);
  }

  const lead = async (leading: AbortSignal): Promise<void> => {
    await Promise.race([world.synced, aborted(leading)]);
    if (leading.aborted) return;
    if (config.defaults) await ensureDefaults(client, world);
    const tokens = await openTokens(client, config.namespace);
    const events = new EventRecorder({
      client,
      reportingController: CONTROLLER,
      reportingInstance: config.holder,
      log,
    });
    const fresh = new Fresh();
    for (const [resource, store] of [
      [PODS, world.pods],
      [SIMULATION_JOBS, world.simulations],
      [TRAINING_JOBS, world.trainings],
    ] as const) {
      fresh.follow(resource, store);
    }
    const settings = {
      launcherImage: config.launcherImage,
      operatorNamespace: config.namespace,
      lostNodeSeconds: config.bounds.lostNodeSeconds,
    };
    const record = (run: Parameters<typeof recordRun>[1]): void => recordRun(metrics, run);
    const podGroups = new PodGroups({
      client,
      namespace: config.namespace,
      use: config.podGroups,
      clock,
      log,
      onFound: (finding) => metrics.podGroupsFound(finding),
    });
    await podGroups.look(leading);
    const performer = new Performer({ client, world, fresh, events, tokens, settings, podGroups, record });
    const planner = new PlanLoop({
      world,
      policy: config.policy,
      clock,
      forecast: (job) => learner.forecast(job),
      enqueue: (key) => jobs.controller.enqueue(key),
      onPlatform: (nodes, queues) => jobs.platformChanged(nodes, queues),
      onPlan: ({ starts, waiting, seconds }) => {
        metrics.planned(seconds);
        metrics.attempted('success', starts);
        metrics.attempted('inadmissible', waiting);
      },
    });
    const tuner = new Tuner({
      client,
      world,
      history: learning.history,
      usesPredictions: () => learner.usesPredictions,
      play: (task) => player.play(task),
      configured: config.policy,
      usePolicy: (policy) => planner.usePolicy(policy),
      events,
      clock,
      log,
    });
    tuner.settle();
    const platform = new PlatformStatus({
      client,
      world,
      clock,
      log,
      planner,
      podGroups,
      onUse: (uses) => {
        metrics.queues(queueFigures(world, uses));
        metrics.partialGangs(partialGangs(world));
      },
    });
    const prediction: JobsOptions['prediction'] = (job) => learner.prediction(job);
    const jobs = new JobController({
      world,
      planner,
      performer,
      podGroups,
      prediction,
      fresh,
      settings: config.bounds,
      clock,
      log,
      meter,
    });
    const history = { place: learning.place, losses: () => learning.history.losses() };
    const onFigures = ({ runs = 0, coverage, backend = 'none' }: PredictorStatus): void =>
      predictions.learned(runs, coverage, backend);
    leader = { planner, jobs };
    try {
      await Promise.all([
        jobs.controller.run(leading),
        planner.run(leading),
        platform.run(leading),
        podGroups.run(leading),
        tuner.run(leading),
        writePredictorStatus({ client, world, learner, history, clock, log, onFigures }, leading),
      ]);
    } finally {
      leader = undefined;
      await events.flush();
    }
  };

  const outcome = await elector.run(stop.signal, lead);
  stop.abort(new Error(outcome));
  await Promise.allSettled([watching, learned, ...servers.map((server) => server.close())]);
  await player.close();
  await learning.close();
  await root.close();
  log.info('coxswain ends', { outcome });
  return outcome === 'lost' ? 1 : 0;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
