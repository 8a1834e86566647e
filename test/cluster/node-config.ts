import { join } from 'node:path';

/** What the configuration files of one real node depend on. */
export interface NodeFacts {
  readonly name: string;
  /** Folder of this node alone. */
  readonly folder: string;
  /** containerd's socket. */
  readonly socket: string;
  readonly address: string;
  /** Kubelet's health port: nodes share one loopback. */
  readonly healthPort: number;
  readonly cgroupRoot: string;
  /** The /16 that all pods share, this node's part of it ("10.64.1") and the bridge's address. */
  readonly pods: string;
  readonly podSubnet: string;
  readonly gateway: string;
  readonly dns: string;
  readonly serving: { readonly cert: string; readonly key: string };
  readonly ca: string;
}

export const PAUSE_IMAGE = 'localhost/pause:test';

/** containerd 1.6 and newer, configuration version 2. */
export function containerdConfig(node: NodeFacts): string {
  const path = (name: string): string => JSON.stringify(join(node.folder, name));
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = ${path('containerd')}
state = ${path('containerd-state')}
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = ${JSON.stringify(node.socket)}
[plugins."io.containerd.internal.v1.opt"]
  path = ${path('opt')}
[${cri}]
  sandbox_image = "${PAUSE_IMAGE}"
  # A host without CAP_SYS_RESOURCE otherwise refuses every sandbox, with a message that does not say why.
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
[${cri}.cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = ${path('cni')}
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.runc.options]
  SystemdCgroup = false
  Root = ${path('runc')}
`;
}

/** All nodes' pods hang on one bridge; each node gives addresses from a range of its own. */
export function cniConfig(node: NodeFacts): string {
  const ranges = [
    [
      {
        subnet: node.pods,
        rangeStart: `${node.podSubnet}.1`,
        rangeEnd: `${node.podSubnet}.254`,
        gateway: node.gateway,
      },
    ],
  ];
  return JSON.stringify({
    cniVersion: '0.4.0',
    name: 'coxswain',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cx0',
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges,
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: join(node.folder, 'addresses'),
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });
}

export function kubeletConfig(node: NodeFacts): string {
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: node.address,
    healthzPort: node.healthPort,
    readOnlyPort: 0,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: node.ca } },
    authorization: { mode: 'Webhook' },
    tlsCertFile: node.serving.cert,
    tlsPrivateKeyFile: node.serving.key,
    containerRuntimeEndpoint: `unix://${node.socket}`,
    // Works up to Kubernetes 1.37; on a host with cgroup v2 it changes nothing.
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: node.cgroupRoot,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    // Lowering it takes CAP_SYS_RESOURCE, which a container may lack.
    oomScoreAdj: 0,
    // The nodes share the host's disk, which is nobody's business here unless it is all but full.
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'nodefs.inodesFree': '1%',
      'imagefs.available': '1%',
      'imagefs.inodesFree': '1%',
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    clusterDNS: [node.dns],
    clusterDomain: 'cluster.local',
    // The host's resolv.conf would bring its search domains and a name server that the namespace cannot reach.
    resolvConf: join(node.folder, 'resolv.conf'),
    nodeStatusUpdateFrequency: '4s',
    // Renewed every 3 s, so that a busy machine does not lose a node whose grace period is 16 s.
    nodeLeaseDurationSeconds: 12,
    serializeImagePulls: false,
    eventRecordQPS: 50,
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
    // Two kubelets on one folder delete each other's logs.
    podLogsDir: join(node.folder, 'pod-logs'),
    volumePluginDir: join(node.folder, 'volume-plugins'),
  });
}
