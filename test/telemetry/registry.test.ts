import { expect, test } from 'vitest';
import { JobMetrics } from '../../operator/telemetry/jobMetrics.ts';
import { KubeMeter } from '../../operator/telemetry/kubeMeter.ts';
import { Registry } from '../../operator/telemetry/registry.ts';

const BUILD = { version: '1.2.3', revision: 'abc', node: 'v24' };

/** The value of one series in the exposition; undefined if there is no such series. */
async function value(registry: Registry, series: string): Promise<number | undefined> {
  const lines = (await registry.text()).split('\n');
  const line = lines.find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

function jobs(): { registry: Registry; metrics: JobMetrics } {
  const registry = new Registry({ processMetrics: false });
  return {
    registry,
    metrics: new JobMetrics(registry, {
      build: BUILD,
      evictionReasons: ['Preempted', 'NodeLost'],
      podGroupFindings: ['Served'],
    }),
  };
}

const QUEUE = {
  queue: 'q',
  status: 'active' as const,
  pending: { active: 2, inadmissible: 1 },
  active: 3,
  resources: [{ pool: 'p', resource: 'cpu', usage: 4, pending: 8, nominal: 16 }],
};

test('what is counted without a queue is there from the start, at 0', async () => {
  const { registry } = jobs();
  expect(await value(registry, 'coxswain_finished_jobs_total{result="failed"}')).toBe(0);
  expect(await value(registry, 'coxswain_admission_attempts_total{result="success"}')).toBe(0);
  expect(await value(registry, 'coxswain_gang_partial')).toBe(0);
  expect(await value(registry, 'coxswain_plan_duration_seconds_count')).toBe(0);
  expect(await value(registry, 'coxswain_gate_removal_seconds_count')).toBe(0);
  expect(await value(registry, 'coxswain_build_info{version="1.2.3",revision="abc",node="v24"}')).toBe(1);
});

test('a queue brings all its series with it, and takes them when it goes', async () => {
  const { registry, metrics } = jobs();
  metrics.queues([QUEUE]);
  const zero = [
    'coxswain_admitted_jobs_total{queue="q"}',
    'coxswain_evicted_jobs_total{queue="q",reason="NodeLost"}',
    'coxswain_admission_wait_time_seconds_count{queue="q"}',
    'coxswain_ready_wait_time_seconds_count{queue="q"}',
    'coxswain_execution_time_seconds_count{queue="q"}',
    'coxswain_queue_status{queue="q",status="stopped"}',
  ];
  for (const series of zero) expect([series, await value(registry, series)]).toEqual([series, 0]);
  expect(await value(registry, 'coxswain_pending_jobs{queue="q",status="active"}')).toBe(2);
  expect(await value(registry, 'coxswain_pending_jobs{queue="q",status="inadmissible"}')).toBe(1);
  expect(await value(registry, 'coxswain_active_jobs{queue="q"}')).toBe(3);
  expect(await value(registry, 'coxswain_queue_status{queue="q",status="active"}')).toBe(1);
  expect(await value(registry, 'coxswain_queue_resource_usage{queue="q",pool="p",resource="cpu"}')).toBe(4);
  expect(await value(registry, 'coxswain_queue_resource_pending{queue="q",pool="p",resource="cpu"}')).toBe(8);
  expect(await value(registry, 'coxswain_queue_resource_nominal_quota{queue="q",pool="p",resource="cpu"}')).toBe(16);
  metrics.queues([]);
  expect(await registry.text()).not.toContain('queue="q"');
});

test('counts survive a refresh of the queues', async () => {
  const { registry, metrics } = jobs();
  metrics.queues([QUEUE]);
  metrics.admitted('q', 3);
  metrics.ready('q', 5);
  metrics.evicted('q', 'NodeLost');
  metrics.attempted('success', 1);
  metrics.attempted('inadmissible', 3);
  metrics.finished('q', 'succeeded', 100);
  metrics.finished('q', 'failed');
  metrics.planned(0.02);
  metrics.gatesRemoved(0.5);
  metrics.partialGangs(1);
  metrics.queues([QUEUE]);
  expect(await value(registry, 'coxswain_admitted_jobs_total{queue="q"}')).toBe(1);
  expect(await value(registry, 'coxswain_admission_wait_time_seconds_bucket{le="5",queue="q"}')).toBe(1);
  expect(await value(registry, 'coxswain_admission_wait_time_seconds_bucket{le="2.5",queue="q"}')).toBe(0);
  expect(await value(registry, 'coxswain_ready_wait_time_seconds_sum{queue="q"}')).toBe(5);
  expect(await value(registry, 'coxswain_evicted_jobs_total{queue="q",reason="NodeLost"}')).toBe(1);
  expect(await value(registry, 'coxswain_admission_attempts_total{result="success"}')).toBe(1);
  expect(await value(registry, 'coxswain_admission_attempts_total{result="inadmissible"}')).toBe(3);
  expect(await value(registry, 'coxswain_finished_jobs_total{result="succeeded"}')).toBe(1);
  expect(await value(registry, 'coxswain_execution_time_seconds_count{queue="q"}')).toBe(1);
  expect(await value(registry, 'coxswain_plan_duration_seconds_count')).toBe(1);
  expect(await value(registry, 'coxswain_gate_removal_seconds_sum')).toBe(0.5);
  expect(await value(registry, 'coxswain_gang_partial')).toBe(1);
});

test('controllers, queues and leases have the names and labels that dashboards know, at 0 from the start', async () => {
  const registry = new Registry({ processMetrics: false });
  const meter = new KubeMeter(registry);
  meter.controller('c', 4);
  meter.queue('c', () => ({ depth: 0, unfinishedSeconds: 0, longestRunningSeconds: 0 }));
  meter.leader('l');
  const zero = [
    ...['success', 'error', 'requeue', 'requeue_after'].map(
      (result) => `controller_runtime_reconcile_total{controller="c",result="${result}"}`,
    ),
    'controller_runtime_reconcile_errors_total{controller="c"}',
    'controller_runtime_terminal_reconcile_errors_total{controller="c"}',
    'controller_runtime_reconcile_panics_total{controller="c"}',
    'controller_runtime_reconcile_timeouts_total{controller="c"}',
    'controller_runtime_reconcile_time_seconds_count{controller="c"}',
    'controller_runtime_active_workers{controller="c"}',
    'workqueue_depth{name="c",controller="c",priority="0"}',
    'workqueue_adds_total{name="c",controller="c"}',
    'workqueue_retries_total{name="c",controller="c"}',
    'workqueue_queue_duration_seconds_count{name="c",controller="c"}',
    'workqueue_work_duration_seconds_count{name="c",controller="c"}',
    'workqueue_unfinished_work_seconds{name="c",controller="c"}',
    'workqueue_longest_running_processor_seconds{name="c",controller="c"}',
    'leader_election_master_status{name="l"}',
    'leader_election_slowpath_total{name="l"}',
  ];
  for (const series of zero) expect([series, await value(registry, series)]).toEqual([series, 0]);
  expect(await value(registry, 'controller_runtime_max_concurrent_reconciles{controller="c"}')).toBe(4);
});

test('every kind of failure is an error; requests are counted by code', async () => {
  const registry = new Registry({ processMetrics: false });
  const meter = new KubeMeter(registry);
  const controller = meter.controller('c', 1);
  for (const outcome of ['success', 'error', 'terminal_error', 'panic', 'timeout'] as const)
    controller.reconciled(outcome, 0.1);
  controller.active(1);
  expect(await value(registry, 'controller_runtime_reconcile_total{controller="c",result="error"}')).toBe(4);
  expect(await value(registry, 'controller_runtime_reconcile_errors_total{controller="c"}')).toBe(4);
  expect(await value(registry, 'controller_runtime_terminal_reconcile_errors_total{controller="c"}')).toBe(1);
  expect(await value(registry, 'controller_runtime_reconcile_panics_total{controller="c"}')).toBe(1);
  expect(await value(registry, 'controller_runtime_reconcile_timeouts_total{controller="c"}')).toBe(1);
  expect(await value(registry, 'controller_runtime_reconcile_time_seconds_count{controller="c"}')).toBe(5);

  meter.request({ code: '200', method: 'GET', host: 'h', seconds: 0.01 });
  expect(await value(registry, 'rest_client_requests_total{code="200",method="GET",host="h"}')).toBe(1);
  expect(await value(registry, 'rest_client_requests_total{code="429",method="PATCH",host="h"}')).toBe(0);
  expect(await value(registry, 'rest_client_request_duration_seconds_bucket{le="0.025",verb="GET",host="h"}')).toBe(1);

  const queue = meter.queue('c', () => ({ depth: 7, unfinishedSeconds: 3, longestRunningSeconds: 2 }));
  queue.added();
  queue.retried();
  queue.waited(0.1);
  queue.worked(0.2);
  expect(await value(registry, 'workqueue_depth{name="c",controller="c",priority="0"}')).toBe(7);
  expect(await value(registry, 'workqueue_unfinished_work_seconds{name="c",controller="c"}')).toBe(3);
  expect(await value(registry, 'workqueue_work_duration_seconds_sum{name="c",controller="c"}')).toBe(0.2);

  const leader = meter.leader('l');
  leader.master(true);
  leader.slowPath();
  meter.watchEvent('pods', 1_900_000_000);
  expect(await value(registry, 'leader_election_master_status{name="l"}')).toBe(1);
  expect(await value(registry, 'leader_election_slowpath_total{name="l"}')).toBe(1);
  expect(await value(registry, 'coxswain_watch_last_event_timestamp_seconds{resource="pods"}')).toBe(1_900_000_000);
});

test('the event loop is watched too, and names keep to the rules', () => {
  const registry = new Registry();
  const metrics = new JobMetrics(registry, { build: BUILD, evictionReasons: [], podGroupFindings: [] });
  expect(metrics).toBeDefined();
  expect(registry.names()).toContain('nodejs_eventloop_lag_p99_seconds');
  const ours = registry.names().filter((name) => name.startsWith('coxswain_'));
  expect(ours.length).toBeGreaterThan(15);
  for (const name of ours) expect(name).not.toMatch(/milliseconds|_count$|percent/);
});
