/** NetworkPolicy, enforced for as long as somebody asks for it: an upstream agent that judges each new connection. */
import { ensureModule, type GoModule } from './binaries.ts';
import { componentKubeconfig } from './control-plane.ts';
import { bridgeFilters } from './network.ts';
import { attempt, run } from './sh.ts';
import type { Site } from './state.ts';

const AGENT = 'kube-network-policies';
const QUEUE = 100;

const MODULE: GoModule = {
  name: AGENT,
  programs: { [AGENT]: 'sigs.k8s.io/kube-network-policies/cmd/kube-network-policies/standard' },
  flags: ['-ldflags', '-s -w'],
  takes: '1 minute',
};

/**
 * Whoever forwards a packet that begins a connection asks the agent. The agent would write such a rule itself, but by an
 * expression of nftables that not every kernel has (nft_queue), and for the pods of one node only: here one agent stands for
 * all nodes, which share a network namespace. While none listens the packets pass. The table is the one that is asked before
 * kube-proxy's and after the address of a Service has become a pod's.
 */
const RULE = `FORWARD -t mangle -m conntrack --ctstate NEW -j NFQUEUE --queue-num ${QUEUE} --queue-bypass`.split(' ');

/**
 * Has the cluster's NetworkPolicies enforced between pods, from the moment it resolves. Traffic from and to the nodes'
 * own processes, the API server and the name server among them, is not judged. Rejects where bridged packets do not pass
 * netfilter (no br_netfilter).
 */
export async function startPolicies(site: Site, log: (line: string) => void): Promise<void> {
  if (site.net === undefined || !(await bridgeFilters()))
    throw new Error('to enforce NetworkPolicy takes root and br_netfilter: load that module');
  const programs = await ensureModule(MODULE, log);
  await endPolicies(site);
  await site.pki.issue(AGENT, { name: AGENT, group: 'system:masters' });
  await site.processes.ensure({
    name: AGENT,
    argv: [
      programs[AGENT] ?? '',
      `--kubeconfig=${await componentKubeconfig(site, AGENT)}`,
      `--nfqueue-id=${QUEUE}`,
      '--metrics-bind-address=127.0.0.1:9080',
      // Pods are known from the API server alone: it would ask the containerd of one node.
      '--disable-nri',
      // What was connected before stays connected.
      '--strict-mode=false',
      '--v=2',
    ],
  });
  // It listens once it has seen all pods, namespaces and policies.
  await site.processes.waitFor(AGENT, `${AGENT} to listen`, 30_000, async () => {
    const queues = await inside(site, ['cat', '/proc/net/netfilter/nfnetlink_queue']);
    return queues.split('\n').some((line) => Number(line.trim().split(/\s+/)[0]) === QUEUE);
  });
  await inside(site, ['iptables', '--wait', '--insert', ...RULE]);
}

/** Ends the enforcement, whatever is left of it. Safe to repeat. */
export async function endPolicies(site: Site): Promise<void> {
  if (!(await site.processes.names()).includes(AGENT)) return;
  await attempt('nsenter', enter(site, ['iptables', '--wait', '--delete', ...RULE]));
  await site.processes.remove(AGENT);
  // Its own rules, where the kernel took them, ask a queue in which nobody listens.
  await attempt('nsenter', enter(site, ['nft', 'delete', 'table', 'inet', AGENT]));
}

function enter(site: Site, command: readonly string[]): string[] {
  return [`--net=/run/netns/${site.identity.netns}`, '--', ...command];
}

async function inside(site: Site, command: readonly string[]): Promise<string> {
  return await run('nsenter', enter(site, command));
}
