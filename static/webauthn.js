// Passkeys: offered where they can work, and played where a page brings what to ask the key for.
(() => {
  "use strict";

  // Browsers bind keys to a name; an address in digits has none.
  const able =
    window.isSecureContext && window.PublicKeyCredential && !/^[\d.]+$|:/.test(location.hostname);
  for (const part of document.querySelectorAll("[data-passkeys]")) part.hidden = !able;
  for (const part of document.querySelectorAll("[data-no-passkeys]")) part.hidden = able;

  const form = document.querySelector("form[data-webauthn]");
  if (!form) return;
  const status = form.querySelector("[data-status]");
  const again = form.querySelector("[data-again]");
  const waiting = status.textContent;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const create = async (options) => {
    const made = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: named(options.excludeCredentials),
      },
    });
    return {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      response: {
        attestationObject: text(made.response.attestationObject),
        clientDataJSON: text(made.response.clientDataJSON),
        transports: made.response.getTransports ? made.response.getTransports() : null,
      },
      extensions: JSON.stringify(made.getClientExtensionResults()),
    };
  };

  const get = async (options) => {
    const found = await navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        allowCredentials: named(options.allowCredentials),
      },
    });
    const { authenticatorData, clientDataJSON, signature, userHandle } = found.response;
    return {
      id: found.id,
      rawId: text(found.rawId),
      type: found.type,
      response: {
        authenticatorData: text(authenticatorData),
        clientDataJSON: text(clientDataJSON),
        signature: text(signature),
        ...(userHandle ? { userHandle: text(userHandle) } : {}),
      },
    };
  };

  const play = async () => {
    again.hidden = true;
    status.textContent = waiting;
    try {
      const options = JSON.parse(form.dataset.options);
      const answer = await (form.dataset.webauthn === "create" ? create : get)(options);
      form.querySelector("[name=credential]").value = JSON.stringify(answer);
      form.submit();
    } catch (error) {
      console.warn(error);
      status.textContent = form.dataset.failed;
      again.hidden = false;
    }
  };
  again.addEventListener("click", play);
  play();
})();
