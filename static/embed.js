// Keeps a reader who signs up on the page that holds the form. Without it, or when it is refused, the form works as it is.
// Every word that is shown comes from the server, in the language of the form.
(() => {
  'use strict';

  const make = (name, attributes) => Object.assign(document.createElement(name), attributes);

  const enhance = form => {
    // Kept outside of the form, so that it stays when the form goes.
    const status = make('div', { tabIndex: -1, lang: form.lang, dir: form.dir });
    status.setAttribute('role', 'status');
    form.after(status);
    form.noValidate = true;
    form.dataset.nashra = 'on';

    const hidden = (name, value) => {
      const field = form.querySelector(`input[type=hidden][name=${name}]`) ||
        form.appendChild(make('input', { type: 'hidden', name }));
      field.value = value;
    };

    const clear = () => {
      status.textContent = '';
      form.querySelectorAll('.nashra-remark').forEach(remark => remark.remove());
      form.querySelectorAll('[aria-invalid]').forEach(field => {
        field.removeAttribute('aria-invalid');
        field.removeAttribute('aria-describedby');
      });
    };

    const remark = (name, error) => {
      const fields = form.querySelectorAll(`[name=${name}]:not([type=hidden])`);
      if (!fields.length) {
        status.textContent = error.message;
        return null;
      }
      const id = `${fields[0].id || form.action.replace(/\W/g, '-') + name}-remark`;
      const text = make('p', { id, className: 'nashra-remark', textContent: error.message });
      (fields[0].closest('fieldset') || fields[0]).after(text);
      fields.forEach(field => {
        field.setAttribute('aria-invalid', 'true');
        field.setAttribute('aria-describedby', id);
      });
      if (error.suggestion) {
        const use = make('button', { type: 'button', dir: 'ltr', textContent: error.suggestion });
        use.addEventListener('click', () => {
          fields[0].value = error.suggestion;
          form.requestSubmit();
        });
        text.append(' ', use);
      }
      if (error.code === 'typo') {
        hidden('insist', fields[0].value);
      }
      return fields[0];
    };

    const answer = (code, body) => {
      if (code === 200 && body.status) {
        status.replaceChildren(
          make('p', {}).appendChild(make('strong', { textContent: body.message })).parentNode,
          make('p', { textContent: body.text || '' }));
        form.hidden = true;
        status.focus();
      } else if (body.errors) {
        const faults = Object.entries(body.errors).map(([name, error]) => remark(name, error));
        const first = faults.filter(Boolean).sort((a, b) =>
          a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1)[0];
        (first || status).focus();
      } else {
        status.textContent = body.error.message;
        status.focus();
      }
    };

    form.addEventListener('submit', async event => {
      event.preventDefault();
      const button = form.querySelector('[type=submit]');
      if (button.disabled) {
        return;
      }
      const data = {};
      for (const [name, value] of new FormData(form)) {
        if (name === 'lists') {
          (data.lists = data.lists || []).push(value);
        } else {
          data[name] = value;
        }
      }
      clear();
      button.disabled = true;
      form.setAttribute('aria-busy', 'true');
      const send = async () => {
        const response = await fetch(form.action, {
          method: 'POST',
          credentials: 'omit',
          headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
          body: JSON.stringify(data),
        });
        return [response.status, await response.json()];
      };
      try {
        let [code, body] = await send();
        if (code === 428 && !body.challenge) {
          // The server had not seen this form: it is sent once more with what it gave.
          data.stamp = body.stamp;
          [code, body] = await send();
        }
        if (code === 428) {
          throw new Error(body.message);
        }
        answer(code, body);
      } catch {
        // Not allowed to this site, more to do, or no answer that makes sense: the form is sent as it is.
        HTMLFormElement.prototype.submit.call(form);
      } finally {
        button.disabled = false;
        form.removeAttribute('aria-busy');
      }
    });
  };

  const start = () => document.querySelectorAll('form[data-nashra=""]').forEach(enhance);
  if (document.readyState === 'loading') {
    document.addEventListener('DOMContentLoaded', start);
  } else {
    start();
  }
})();
