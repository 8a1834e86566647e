import { expect, test } from 'vitest';
import {
  apiVersion,
  collectionPath,
  objectPath,
  type Resource,
  referenceTo,
  resourceName,
} from '../../operator/kube/resource.ts';
import { keyOf, refOf } from '../../operator/kube/types.ts';
import { THINGS, thing } from './things.ts';

const NODES: Resource = { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false };

test('paths of the core group and of others', () => {
  expect(collectionPath(NODES)).toBe('/api/v1/nodes');
  expect(objectPath(NODES, { name: 'n1' }, 'status')).toBe('/api/v1/nodes/n1/status');
  expect(collectionPath(THINGS)).toBe('/apis/test.example/v1/things');
  expect(objectPath(THINGS, { namespace: 'a', name: 'x' })).toBe('/apis/test.example/v1/namespaces/a/things/x');
});

test('a name cannot escape its path', () => {
  expect(objectPath(NODES, { name: '../secrets' })).toBe('/api/v1/nodes/..%2Fsecrets');
});

test('a path that would name something else is refused', () => {
  expect(() => objectPath(THINGS, { name: 'x' })).toThrow(TypeError);
  expect(() => objectPath(NODES, { namespace: 'a', name: 'x' })).toThrow(TypeError);
  expect(() => objectPath(NODES, { name: '' })).toThrow(TypeError);
});

test('names, versions, references and keys', () => {
  expect(resourceName(NODES)).toBe('nodes');
  expect(resourceName(THINGS)).toBe('things.test.example');
  expect(apiVersion(THINGS)).toBe('test.example/v1');
  expect(referenceTo(THINGS, thing('x', 1))).toEqual({
    apiVersion: 'test.example/v1',
    kind: 'Thing',
    name: 'x',
    namespace: 'a',
    uid: 'x',
  });
  for (const ref of [{ name: 'x' }, { namespace: 'a', name: 'x' }]) expect(refOf(keyOf(ref))).toEqual(ref);
});
