<?php
/**
 * Plugin Name: Townline
 * Description: Puts the town's request form into pages: as a block, or with the shortcode [townline].
 * Version: 1.0
 * Requires at least: 5.8
 * Requires PHP: 7.4
 *
 * How does an author who may not write scripts put the form into a page? What comes out is the same link and
 * the same script as everywhere else: without the script, or without this plugin, the link still leads to the form.
 */

defined('ABSPATH') || exit;

const TOWNLINE_ADDRESS = 'townline_address';
const TOWNLINE_SHOWS = ['inline', 'dialog', 'button', 'link'];
// What may be said of a form, and the name under which the link carries it.
const TOWNLINE_CHOICES = ['lang', 'theme', 'accent', 'title', 'close', 'height', 'address', 'asset'];

/** Returns the origin of an address, such as https://311.example.gov, or '' where it is none. */
function townline_origin($said) {
    $parts = wp_parse_url($said);
    if (empty($parts['host']) || !in_array($parts['scheme'] ?? '', ['http', 'https'], true)) {
        return '';
    }
    return $parts['scheme'] . '://' . $parts['host'] . (isset($parts['port']) ? ':' . $parts['port'] : '');
}

/**
 * Returns the link that becomes the form. Attributes: widget, show, text and those of TOWNLINE_CHOICES.
 *
 * A script is put into the page from the one address that an administrator has said under Settings. Who may
 * write no scripts could otherwise name anybody's: an author's `form` with another address is a link to it.
 */
function townline_render($said) {
    $said = array_map('strval', array_filter((array) $said, 'is_scalar'));
    $own = townline_origin(get_option(TOWNLINE_ADDRESS, ''));
    $origin = townline_origin($said['form'] ?? '') ?: $own;
    if ($origin === '') {
        return current_user_can('edit_posts')
            ? '<p>' . esc_html__('Townline: say where the form is, under Settings, Townline.', 'townline') . '</p>'
            : '';
    }
    $show = $origin !== $own ? 'link' : (in_array($said['show'] ?? '', TOWNLINE_SHOWS, true) ? $said['show'] : 'inline');
    $widget = sanitize_title($said['widget'] ?? '');
    $text = $said['text'] ?? '';
    $attributes = ['href' => $origin . '/report' . ($widget === '' ? '' : "/$widget")];
    if ($show !== 'link') {
        $attributes['data-report'] = $show;
        wp_enqueue_script('townline', "$origin/static/embed.js", [], null, ['in_footer' => true, 'strategy' => 'async']);
    }
    foreach (TOWNLINE_CHOICES as $name) {
        if (isset($said[$name]) && $said[$name] !== '') {
            $attributes["data-$name"] = $said[$name];
        }
    }
    $written = '';
    foreach ($attributes as $name => $value) {
        $written .= ' ' . $name . '="' . ($name === 'href' ? esc_url($value) : esc_attr($value)) . '"';
    }
    return "<p><a$written>" . esc_html($text !== '' ? $text : __('Report a problem', 'townline')) . '</a></p>';
}

add_shortcode('townline', 'townline_render');

add_action('init', function () {
    wp_register_script(
        'townline-editor',
        plugins_url('editor.js', __FILE__),
        ['wp-blocks', 'wp-block-editor', 'wp-components', 'wp-element', 'wp-i18n'],
        '1.0',
        true
    );
    $words = ['type' => 'string', 'default' => ''];
    register_block_type('townline/form', [
        'api_version' => 2,
        'title' => __('Request form', 'townline'),
        'category' => 'widgets',
        'icon' => 'megaphone',
        'editor_script' => 'townline-editor',
        'render_callback' => 'townline_render',
        'attributes' => array_fill_keys(array_merge(['widget', 'text'], TOWNLINE_CHOICES), $words)
            + ['show' => ['type' => 'string', 'default' => 'inline']],
    ]);
});

add_action('admin_init', function () {
    register_setting('townline', TOWNLINE_ADDRESS, ['type' => 'string', 'sanitize_callback' => 'townline_origin']);
});

add_action('admin_menu', function () {
    add_options_page('Townline', 'Townline', 'manage_options', 'townline', function () {
        ?>
        <div class="wrap">
            <h1>Townline</h1>
            <form method="post" action="options.php">
                <?php settings_fields('townline'); ?>
                <p>
                    <label for="townline"><?php esc_html_e('Address of the form, such as https://311.example.gov', 'townline'); ?></label><br>
                    <input id="townline" name="<?php echo esc_attr(TOWNLINE_ADDRESS); ?>" type="url" class="regular-text"
                        value="<?php echo esc_attr(get_option(TOWNLINE_ADDRESS, '')); ?>">
                </p>
                <p><?php esc_html_e('Then put the block "Request form" into a page, or write [townline].', 'townline'); ?></p>
                <?php submit_button(); ?>
            </form>
        </div>
        <?php
    });
});
