/** JAX on CPU and all that it imports, for Python 3.11. */
export const JAX = [
  'jax==0.10.2',
  'jaxlib==0.10.2',
  'ml_dtypes==0.6.0',
  'numpy==2.4.6',
  'opt_einsum==3.4.0',
  'scipy==1.17.1',
];
