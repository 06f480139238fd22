'use strict';
// Preloaded into the VS Code server: what code-server's own wrapper, which we do not start, would do for it.
const http = require('node:http');

if (process.argv[1]?.endsWith('server-main.js')) {
  // Our stdin is a pipe from whoever started us, and it closes even when the starter is killed outright:
  // then the server ends too, and nothing is left behind.
  const end = () => process.exit(0);
  process.stdin.resume().on('end', end).on('error', end).unref?.();

  // The workbench encrypts what it keeps for SecretStorage with a key of which the server holds one half.
  const key = Buffer.from(process.env.VSCODE_HARNESS_SECRET_KEY ?? '', 'base64');
  const emit = http.Server.prototype.emit;
  http.Server.prototype.emit = function (event, request, response, ...rest) {
    const minting = event === 'request' && request.method === 'POST' && /\/mint-key(\?|$)/.test(request.url);
    if (!minting) return emit.call(this, event, request, response, ...rest);
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(key);
    return true;
  };
}
