/**
 * What GPUs could do, from NVIDIA's datasheets of A100 (SXM), H100 (SXM) and H200 (SXM): dense, without sparsity. fp64 and fp32 are
 * those of the ordinary units, which our kernels use; bf16 is the tensor cores'. Others have no share in the report: products of
 * one name differ (an H100 may have 2.0, 2.4, 3.35 or 3.9 TB/s).
 */
export interface GpuPeaks {
  readonly bandwidth_gbs: number;
  readonly fp64_gflops: number;
  readonly fp32_gflops: number;
  readonly bf16_gflops: number;
}

const ampere = { fp64_gflops: 9_700, fp32_gflops: 19_500, bf16_gflops: 312_000 };
const hopper = { fp64_gflops: 34_000, fp32_gflops: 67_000, bf16_gflops: 989_000 };

/** By the name that the driver gives. */
const PEAKS: ReadonlyMap<string, GpuPeaks> = new Map([
  ['NVIDIA A100-SXM4-40GB', { ...ampere, bandwidth_gbs: 1_555 }],
  ['NVIDIA A100-SXM4-80GB', { ...ampere, bandwidth_gbs: 2_039 }],
  ['NVIDIA H100 80GB HBM3', { ...hopper, bandwidth_gbs: 3_350 }],
  ['NVIDIA H200', { ...hopper, bandwidth_gbs: 4_800 }],
]);

/** Of one GPU; undefined for those that we have no datasheet of. */
export const gpuPeaks = (name: string): GpuPeaks | undefined => PEAKS.get(name);
