/** What RLScheduler's protocol yields: the authors' own environment for ten windows, one other program for a hundred. */

export const WINDOW_POLICIES = [
  'FCFS',
  'WFP3 as published',
  'WFP3',
  'UNICEP',
  'SJF',
  'SAF',
  'smallest',
  'F1',
  'F2',
  'F3',
  'F4',
  'LXF',
] as const;

export type WindowPolicyName = (typeof WINDOW_POLICIES)[number];

export type WindowTrace = 'lublin-1' | 'lublin-2' | 'kth' | 'kth oracle';

export type WindowNumbers = {
  readonly trace: WindowTrace;
  readonly backfill: boolean;
  /** Mean over the ten windows, by policy. */
  readonly ten: Readonly<Partial<Record<WindowPolicyName, number>>>;
  /** Each of the ten, by policy. */
  readonly each?: Readonly<Partial<Record<WindowPolicyName, readonly number[]>>>;
  /** Mean and, where known, median over a hundred windows. */
  readonly hundred?: Readonly<Partial<Record<WindowPolicyName, readonly [mean: number, median?: number]>>>;
};

/** Means in the order of the policies above. */
const means = (...values: readonly number[]) =>
  Object.fromEntries(WINDOW_POLICIES.map((policy, i) => [policy, values[i] as number]));

export const WINDOW_NUMBERS: readonly WindowNumbers[] = [
  {
    trace: 'lublin-1',
    backfill: false,
    ten: means(7273.77, 19_753.53, 337.34, 370.81, 277.35, 292.88, 304.64, 258.37, 268.47, 341.77, 289.57, 357.65),
    each: {
      FCFS: [6862.26, 7034.45, 9090.84, 5405.5, 7847.37, 6366.98, 7655.81, 7535.14, 10_071.42, 4867.95],
      SJF: [204.26, 251.42, 214.32, 169.69, 297.43, 245.3, 496.14, 229.9, 235.68, 429.36],
    },
  },
  {
    trace: 'lublin-1',
    backfill: true,
    ten: means(235.82, 133.87, 126.5, 110.87, 73.31, 54, 86.36, 75.07, 58.24, 58.49, 53.64, 108.84),
    each: {
      FCFS: [163.71, 263.5, 247.54, 128.57, 261.42, 239.81, 192.07, 358.81, 297.78, 204.96],
      SJF: [69.87, 55.17, 64, 34.96, 113.95, 49.19, 93.04, 121.19, 59.54, 72.15],
      SAF: [51.24, 39.76, 36.01, 38.34, 119.31, 33.06, 85.86, 41.77, 31.01, 63.65],
    },
    hundred: {
      FCFS: [249.67, 232.58],
      SJF: [71.88, 70.18],
      SAF: [59, 55.39],
      F1: [66.7, 59.8],
      F2: [61.22, 49.94],
      F3: [59.96, 54.47],
      F4: [61.27, 57.83],
      WFP3: [128.9],
      UNICEP: [109.73],
      LXF: [118.62],
    },
  },
  {
    trace: 'lublin-2',
    backfill: false,
    ten: means(7842.47, 9523.18, 807.25, 682.27, 787.89, 714.26, 622.18, 698.34, 669.03, 1158.76, 732.72, 722.66),
    each: {
      FCFS: [7922.33, 8673.9, 12_469.31, 2844.93, 1388.99, 8355.93, 3546.16, 12_516.34, 10_226.66, 10_480.16],
    },
  },
  {
    trace: 'lublin-2',
    backfill: true,
    ten: means(247.61, 318.35, 135.12, 104.79, 91.99, 100.33, 192.14, 148.25, 112.14, 90.72, 105.83, 117.25),
    each: {
      FCFS: [150.08, 202.23, 821.08, 78.23, 71.43, 199.74, 254.93, 311.33, 271.54, 115.48],
      SJF: [60.15, 118.67, 55.28, 31.75, 53.77, 117.59, 114.65, 172.22, 98.15, 97.71],
    },
    hundred: {
      FCFS: [185.81, 155.13],
      SJF: [92.31, 91.23],
      SAF: [82.92, 76.24],
      F1: [125.85, 106.98],
      F2: [93.17, 75.7],
      F3: [88.97, 92.39],
      F4: [92.34, 91.45],
      WFP3: [98.6],
      UNICEP: [98.09],
      LXF: [98.46],
    },
  },
  {
    trace: 'kth',
    backfill: false,
    ten: means(1222.15, 4510.83, 401.94, 331.14, 309.49, 242.44, 263.06, 204.7, 274.81, 285.15, 266.83, 343.57),
  },
  {
    trace: 'kth',
    backfill: true,
    ten: means(95.12, 105.26, 78.73, 69.21, 69.96, 64.71, 89.03, 65.34, 53.03, 65.56, 59.22, 72.46),
    each: {
      FCFS: [201.28, 18.68, 21.78, 98.71, 67.93, 128.27, 87.9, 162.86, 62.29, 101.49],
      SJF: [120.08, 13.16, 13.17, 91.4, 41.87, 107.31, 42.59, 63.23, 47.28, 159.48],
    },
    hundred: {
      FCFS: [84.33, 69.44],
      SJF: [63.59, 50.56],
      SAF: [52.44, 40.21],
      F1: [57.91, 49.26],
      F2: [49.21, 39.61],
      F3: [52.85, 40.34],
      F4: [55.6, 42.06],
      WFP3: [77.11],
      UNICEP: [59.37],
      LXF: [67.85],
    },
  },
  { trace: 'kth oracle', backfill: false, ten: { SJF: 224.17, SAF: 209.65 } },
  {
    trace: 'kth oracle',
    backfill: true,
    ten: { SJF: 48.91, SAF: 43.44 },
    hundred: { SJF: [41.11, 34.19], SAF: [40.51, 33.56] },
  },
];
