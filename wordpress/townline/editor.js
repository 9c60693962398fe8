// How does the block look while the page is written? As the choices it was given; the form itself is shown
// to readers only. Plain script: nothing has to be built.
((blocks, editor, components, element, i18n) => {
  "use strict";
  const make = element.createElement, say = words => i18n.__(words, "townline");
  const shows = [
    { value: "inline", label: say("The form itself") },
    { value: "dialog", label: say("A link that opens the form above the page") },
    { value: "button", label: say("A button at the corner of the page") },
    { value: "link", label: say("Only a link") },
  ];

  blocks.registerBlockType("townline/form", {
    edit: ({ attributes, setAttributes }) => {
      const line = (name, label, help) =>
        make(components.TextControl, { label, help, value: attributes[name], onChange: value => setAttributes({ [name]: value }) });
      return make(
        "div",
        editor.useBlockProps(),
        make(
          editor.InspectorControls,
          null,
          make(
            components.PanelBody,
            { title: say("Request form") },
            make(components.SelectControl, {
              label: say("Shown as"), options: shows, value: attributes.show, onChange: show => setAttributes({ show }),
            }),
            line("widget", say("Which form"), say("The name of a widget or service; empty for the whole form.")),
            line("text", say("Words of the link")),
            line("lang", say("Language"), say("As in es; empty for the language of the page.")),
          ),
        ),
        make("p", null, attributes.text || say("Report a problem"), " · ", shows.find(one => one.value === attributes.show).label),
      );
    },
    save: () => null,
  });
})(wp.blocks, wp.blockEditor, wp.components, wp.element, wp.i18n);
