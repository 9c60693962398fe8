// Asks veraPDF whether a file is PDF/UA-1 and PDF/A-3a; prints a line per flavour and per broken rule.
import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

public class Validate {
    public static void main(String[] files) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        for (String file : files) {
            for (String name : new String[] {"ua1", "3a"}) {
                PDFAFlavour flavour = PDFAFlavour.fromString(name);
                try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), flavour)) {
                    ValidationResult result =
                        Foundries.defaultInstance().createValidator(flavour, false).validate(parser);
                    System.out.println(name + " " + result.isCompliant());
                    for (TestAssertion test : result.getTestAssertions()) {
                        if (test.getStatus() == TestAssertion.Status.FAILED) {
                            System.out.println("  " + test.getRuleId().getClause() + " " + test.getMessage());
                        }
                    }
                }
            }
        }
    }
}
