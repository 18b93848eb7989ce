/**
 * The browser's part of passkeys; pages work without it. A form marked `data-passkey` asks its options address for options, lets the browser
 * make or use a credential, and is then sent like any other form, with the result in its field `response`.
 */
export const PAGE_SCRIPT = String.raw`"use strict";
(() => {
  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const withIds = (list) => (list || []).map((each) => ({ ...each, id: toBytes(each.id) }));

  const ask = {
    async get(options) {
      const publicKey = { ...options, challenge: toBytes(options.challenge), allowCredentials: withIds(options.allowCredentials) };
      return navigator.credentials.get({ publicKey });
    },
    async create(options) {
      const publicKey = {
        ...options,
        challenge: toBytes(options.challenge),
        user: { ...options.user, id: toBytes(options.user.id) },
        excludeCredentials: withIds(options.excludeCredentials),
      };
      return navigator.credentials.create({ publicKey });
    },
  };

  const toJson = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      const value = credential.response[name];
      if (value) response[name] = toText(value);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return {
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment || undefined,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    };
  };

  const run = async (form) => {
    const answer = await window.fetch(form.dataset.options, { method: "POST", body: new URLSearchParams({ csrf: form.elements.csrf.value }) });
    if (!answer.ok) throw new Error("stale");
    const credential = await ask[form.dataset.passkey](await answer.json());
    form.elements.response.value = JSON.stringify(toJson(credential));
    form.submit();
  };

  const explain = (error) => {
    if (error.name === "NotAllowedError" || error.name === "AbortError") return "The passkey was not used: it was cancelled, or took too long. You can try again.";
    if (error.name === "InvalidStateError") return "This device already holds a passkey for this account.";
    return "The passkey could not be used. Reload the page and try again.";
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    form.hidden = false;
    const status = form.querySelector("[role=status]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      status.textContent = "Waiting for your passkey…";
      run(form).catch((error) => {
        status.textContent = explain(error);
        button.disabled = false;
      });
    });
  }
})();
`;
