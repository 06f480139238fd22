// Runs in the page before the workbench. The workbench reads its configuration from an attribute of the document, and
// a built VS Code takes the paths of an extension under development and of a test suite from there only.
function setDevelopmentOptions(development) {
  if (window !== window.top) return;
  const getAttribute = Element.prototype.getAttribute;
  Element.prototype.getAttribute = function (name) {
    const value = getAttribute.call(this, name);
    if (name !== 'data-settings' || this.id !== 'vscode-workbench-web-configuration') return value;
    const configuration = JSON.parse(value);
    configuration.developmentOptions = { ...configuration.developmentOptions, ...development };
    return JSON.stringify(configuration);
  };
}
