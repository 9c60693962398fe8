<?php
// What do authors of each role paste, and what does WordPress keep of it? Makes the site, the roles and a post each.
// php wordpress_seed.php FOLDER ADDRESS TOWN: prints {"version", "posts": [{"role", "kind", "address", "stored"}]}.
[, $folder, $address, $town] = $argv;
$_SERVER['HTTP_HOST'] = parse_url($address, PHP_URL_HOST) . ':' . parse_url($address, PHP_URL_PORT);
$_SERVER['REQUEST_URI'] = '/';
define('WP_INSTALLING', true);
require "$folder/wp-load.php";
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('A town', 'administrator', 'administrator@example.org', true, '', 'only-for-this-test');
update_option('permalink_structure', '');
wp_insert_user(['user_login' => 'author', 'user_pass' => 'only-for-this-test', 'role' => 'author', 'user_email' => 'author@example.org']);
// Nobody is welcomed: the guide would stand before the editor.
$unguided = ['core/edit-post' => ['welcomeGuide' => false], 'core' => ['welcomeGuide' => false], '_modified' => gmdate('c')];
update_user_meta(get_user_by('login', 'author')->ID, $wpdb->get_blog_prefix() . 'persisted_preferences', $unguided);
activate_plugin('townline/townline.php');
update_option('townline_address', $town);
$snippet = "<!-- wp:html -->\n<p><a data-report=\"inline\" href=\"$town/report/pothole\">Report a problem</a></p>\n"
    . "<script async src=\"$town/static/embed.js\"></script>\n<!-- /wp:html -->";
$bare = "<!-- wp:embed {\"url\":\"$town/report/pothole\"} --><figure class=\"wp-block-embed\">"
    . "<div class=\"wp-block-embed__wrapper\">\n$town/report/pothole\n</div></figure><!-- /wp:embed -->";
$shortcode = "<!-- wp:shortcode -->\n[townline widget=\"pothole\" show=\"inline\"]\n<!-- /wp:shortcode -->";
$posts = [];
foreach (['administrator' => ['snippet'], 'author' => ['snippet', 'bare', 'shortcode']] as $role => $kinds) {
    wp_set_current_user(get_user_by('login', $role)->ID);
    kses_init();
    foreach ($kinds as $kind) {
        $content = ['snippet' => $snippet, 'bare' => $bare, 'shortcode' => $shortcode][$kind];
        $id = wp_insert_post(['post_type' => 'post', 'post_status' => 'publish', 'post_title' => "$kind by $role", 'post_content' => wp_slash($content)]);
        $posts[] = ['role' => $role, 'kind' => $kind, 'address' => "$address/?p=$id", 'stored' => get_post($id)->post_content];
    }
}
echo json_encode(['version' => get_bloginfo('version'), 'posts' => $posts]), "\n";
