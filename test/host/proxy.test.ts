import assert from 'node:assert/strict';
import { proxyFor } from '../../src/host/cloud/proxy.ts';

const cloud = 'https://dts.tencentcloudapi.com';
const env = { HTTPS_PROXY: 'http://env:1', HTTP_PROXY: 'http://plain:2' };

describe('the proxy', () => {
  it('is that of the editor before that of the environment', () => {
    assert.equal(proxyFor(cloud, 'http://editor:3', env), 'http://editor:3');
    assert.equal(proxyFor(cloud, '', env), 'http://env:1');
    assert.equal(proxyFor('http://dts.cloud.example', '', env), 'http://plain:2');
    assert.equal(proxyFor(cloud, '', {}), undefined);
  });

  it('is not asked for this machine or what NO_PROXY names', () => {
    for (const url of ['http://127.0.0.1:8080', 'http://localhost', 'http://[::1]:9']) {
      assert.equal(proxyFor(url, 'http://editor:3', env), undefined, url);
    }
    for (const list of [
      'tencentcloudapi.com',
      '.tencentcloudapi.com',
      '*.tencentcloudapi.com',
      'x, dts.tencentcloudapi.com',
    ]) {
      assert.equal(proxyFor(cloud, '', { ...env, NO_PROXY: list }), undefined, list);
    }
    assert.equal(proxyFor(cloud, '', { ...env, NO_PROXY: 'cloudapi.com' }), 'http://env:1');
  });
});
